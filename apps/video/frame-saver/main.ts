import { runApp } from "../../common/app.ts";
import { consumeFrames, fileHealthParts, openOutput, startOutput } from "../files/consume.ts";
import { frameSaverEnv } from "./env.ts";
import { FrameSaver, savedFile } from "./saver.ts";

await runApp({
  name: "video-frame-saver",
  env: frameSaverEnv,
  healthParts: fileHealthParts,
  start: (context) => {
    const output = openOutput(context, savedFile);
    const { env, metrics, shutdown } = context;
    const saver = new FrameSaver({ root: env.OUTPUT_DIR, fsync: env.FSYNC, metrics, ...output });
    return async () => {
      await startOutput(context, output);
      // Says in /healthz how the disk is before the first frame comes.
      await output.guard.ready(shutdown.signal);
      // The end of a stream makes no file.
      consumeFrames("video-frame-saver", context, (videos, signal) =>
        saver.save(
          videos.filter((video) => video.kind === "frame"),
          signal,
        ),
      );
    };
  },
});
