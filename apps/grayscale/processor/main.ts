/** The processor: frames → a step → processed frames. */
import { runApp } from "../../common/app.ts";
import { steps } from "../steps/registry.ts";
import { startProcessor } from "./consume.ts";
import { processorEnv } from "./env.ts";

await runApp({
  name: "grayscale-processor",
  env: processorEnv,
  healthParts: ["kafka"],
  start: (context) => async () => {
    await startProcessor(context, steps[context.env.STEP]).done;
  },
});
