import { labOutputs } from "../../scripts/lab/queries.ts";
import { DEFAULT_STACK } from "../../scripts/stack/arguments.ts";
import { createContext } from "../../scripts/toolchain/context.ts";
import { environment } from "../../scripts/toolchain/environment.ts";

/** Kafka of the default lab. @throws ToolchainError when it is not up, with the command that stands it up */
export async function labBootstrap(): Promise<string> {
  const context = createContext();
  return (await labOutputs(await environment(context), context.root, DEFAULT_STACK)).bootstrapServers;
}
