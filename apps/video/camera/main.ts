import { runApp } from "../../common/app.ts";
import { pause } from "../../common/retry.ts";
import { Broadcast } from "./broadcast.ts";
import { chooseQuality, encodeJpeg } from "./encode.ts";
import { cameraEnv } from "./env.ts";
import { Scene } from "./scene.ts";

const kilobyte = 1024;
/** A mean size that misses FRAME_KB by more than this share is worth a warning. */
const tolerance = 0.1;

await runApp({
  name: "camera",
  env: cameraEnv,
  healthParts: ["scene"],
  start: ({ env, log, metrics, health, http, shutdown }) => {
    const { signal } = shutdown;
    const skipped = metrics.counter("camera_skipped_frames_total", "Frames that a slow client did not get.");
    const sizes = metrics.counter("camera_frame_bytes_total", "Bytes of the frames made.");
    const frames = metrics.counter("camera_frames_total", "Frames made.");
    const broadcast = new Broadcast({
      truncateEvery: env.TRUNCATE_EVERY,
      contentLength: env.CONTENT_LENGTH,
      onSkipped: () => skipped.inc(),
    });
    metrics.gauge("camera_clients", "Clients connected.", [], (gauge) => gauge.set(broadcast.clients));
    http.get("/", { exposeHeadRoute: false }, (_request, reply) => {
      reply.hijack();
      broadcast.add(reply.raw);
    });
    shutdown.add("clients", async () => broadcast.close());

    const ended = new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));

    const film = async (scene: Scene, quality: number): Promise<void> => {
      let dueMs = performance.now();
      for (let frame = 0; !signal.aborted; frame += 1) {
        // Nothing is drawn for nobody.
        if (broadcast.clients === 0) await Promise.race([broadcast.anyone, ended]);
        await pause(Math.max(0, dueMs - performance.now()), signal);
        // A camera that was late goes on at its rate instead of hurrying after what it missed.
        dueMs += 1000 / env.FPS;
        if (dueMs < performance.now()) dueMs = performance.now();
        const pixels = scene.draw(frame, Date.now());
        const jpeg = await encodeJpeg(pixels, env.WIDTH, env.HEIGHT, quality);
        broadcast.send(jpeg, { "X-Frame": String(frame) });
        frames.inc();
        sizes.inc(jpeg.length);
      }
    };

    return async () => {
      const scene = new Scene(env.WIDTH, env.HEIGHT);
      const targetBytes = env.FRAME_KB * kilobyte;
      const { quality, meanBytes } = await chooseQuality(scene, targetBytes);
      const meanKB = Math.round(meanBytes / kilobyte);
      log.info({ camera: env.CAMERA_NAME, quality, meanKB }, "filming");
      if (Math.abs(meanBytes / targetBytes - 1) > tolerance) {
        log.warn({ meanKB, FRAME_KB: env.FRAME_KB }, "no JPEG quality gives frames of that size");
      }
      health.ok("scene");
      await film(scene, quality);
    };
  },
});
