import { basename, extname } from "node:path";
import { type CsvFormat, readCsv } from "../../apps/logistics/sensor/csv.ts";
import { type Access, openAccess } from "../lab/access.ts";
import { type LabContainer, labContainers } from "../lab/docker.ts";
import { labOutputs } from "../lab/queries.ts";
import { targetOf } from "../stack/config.ts";

import { environment } from "../toolchain/environment.ts";
import { asError, ToolchainError } from "../toolchain/errors.ts";
import type { Context } from "../toolchain/part.ts";
import { attempt } from "../toolchain/run.ts";
import { type Columns, type Histories, historiesOf, readExport } from "./history.ts";

/** A CSV file's histories. @throws ToolchainError when it cannot be read, or has other columns */
export async function fromCsv(file: string, format: CsvFormat & Columns, usage: string) {
  try {
    return await historiesOf(readCsv(file, format), format, basename(file, extname(file)));
  } catch (error) {
    throw new ToolchainError(`${file} cannot be used: ${asError(error).message}`, usage);
  }
}

/** The analysers of a lab, while something is done with them. */
export async function withAnalysers<T>(
  context: Context,
  stack: string,
  use: (analysers: readonly LabContainer[]) => Promise<T>,
): Promise<T> {
  const pulumi = await environment(context, await targetOf(context.root, stack));
  const outputs = await labOutputs(pulumi, context.root, stack);
  const access: Access = await openAccess({ env: pulumi.env, project: context.project, stack }, outputs);
  try {
    const all = await labContainers(access.engines);
    const analysers = all.filter(({ pipeline, role }) => pipeline === "logistics" && role === "analyser");
    if (analysers.length > 0) return await use(analysers);
    throw new ToolchainError(
      `the lab ${stack} has no analysers`,
      `./scripts/pulumi config set logistics.enabled true --stack ${stack} && ./scripts/up ${stack}`,
    );
  } finally {
    await access.close();
  }
}

/** What the lab's document store has. @throws ToolchainError when it cannot be asked */
export async function fromLab(analysers: readonly LabContainer[]): Promise<Histories> {
  const [first] = analysers;
  return first === undefined ? new Map() : readExport(await runIn(first, "export"));
}

/** Runs one of the analyser's own entries in its container. @throws ToolchainError with what it said */
export async function runIn({ name, engine }: LabContainer, entry: string, input = ""): Promise<string> {
  const command = ["exec", "-i", name, "node", `apps/logistics/analyser/${entry}.ts`];
  const { failed, stdout, stderr } = await attempt("docker", command, { env: engine.env, input });
  if (!failed) return stdout;
  const said = stderr.split("\n").slice(0, 12).join("\n  ");
  throw new ToolchainError(`${entry} failed in ${name}:\n  ${said}`, `docker logs ${name}`);
}
