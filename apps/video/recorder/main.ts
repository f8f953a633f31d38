import { runApp } from "../../common/app.ts";
import { pause } from "../../common/retry.ts";
import { findEncoder } from "../../media/ffmpeg.ts";
import { consumeFrames, fileHealthParts, openOutput, startOutput } from "../files/consume.ts";
import { videoRecorderEnv } from "./env.ts";
import { Recorder } from "./recorder.ts";
import { recordedFile } from "./segment.ts";
import { recorderSettings } from "./settings.ts";

const watchEveryMs = 1000;

await runApp({
  name: "video-recorder",
  env: videoRecorderEnv,
  healthParts: [...fileHealthParts, "recording"],
  start: (context) => {
    const { env, log, metrics, health, shutdown } = context;
    const settings = recorderSettings(env);
    const output = openOutput(context, recordedFile);
    const recorder = new Recorder({
      root: env.OUTPUT_DIR,
      settings,
      log,
      metrics,
      signal: shutdown.signal,
      onState: health.reporter("recording"),
      ...output,
    });
    return async () => {
      const encoder = await findEncoder(settings.video.codec);
      log.info({ ...settings.video, encoder }, "recording with");
      await startOutput(context, output);
      await output.guard.ready(shutdown.signal);
      await recorder.recover();
      health.ok("recording");
      consumeFrames("video-recorder", context, (videos, signal) => recorder.record(videos, signal));
      // The steps run last one first. A consumer that cannot reach Kafka takes long to end, and recordings do not wait.
      shutdown.add("recordings", () => recorder.close());
      while (!shutdown.signal.aborted) {
        await pause(watchEveryMs, shutdown.signal);
        await recorder.closeSilent().catch((err: unknown) => log.warn({ err }, "a segment cannot be closed"));
      }
    };
  },
});
