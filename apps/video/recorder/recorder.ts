import type { VideoMessage } from "../../media/frame.ts";
import { CameraRecorder } from "./camera.ts";
import { Finisher, type FinisherOptions, tripping } from "./finisher.ts";
import { listCameras, listSegments } from "./segment.ts";
import type { RecorderSettings } from "./settings.ts";

/** No other recorder may have the same output folder. */
export interface RecorderOptions extends FinisherOptions {
  readonly settings: RecorderSettings;
}

/**
 * Records the frames of any number of cameras. {@link Recorder.record} resolves when the frames are durable: they are
 * in the journal of their camera, on the disk. Every few seconds a journal is complete and FFmpeg makes it video;
 * when a segment is complete, its chunks are joined into the recording. A process that is killed at any point leaves
 * files from which the next one goes on. Joining takes as much space again as the recording, for that time.
 */
export class Recorder {
  readonly #options: RecorderOptions;
  readonly #cameras = new Map<string, CameraRecorder>();
  readonly #finisher: Finisher;
  #last: Promise<unknown> = Promise.resolve();
  #ending = false;

  constructor(options: RecorderOptions) {
    this.#options = options;
    this.#finisher = new Finisher(options);
  }

  /** Takes up what an earlier process left. Call it before anything is recorded. */
  async recover(): Promise<void> {
    const { root, log } = this.#options;
    for (const camera of await listCameras(root)) {
      for (const segment of await listSegments(root, camera)) await this.#finisher.measure(segment);
      await this.#camera(camera).recover();
      log.info({ camera, jobs: this.#finisher.queue.waiting }, "took up what was there");
    }
  }

  /** Resolves when what was given is durable. @throws what the file system says; it is to be given again then */
  async record(videos: readonly VideoMessage[], signal: AbortSignal): Promise<void> {
    await this.#options.guard.ready(signal);
    await this.#finisher.queue.room(signal);
    await this.#alone(async () => {
      if (this.#ending) throw new Error("the recorder is ending and takes no more frames");
      const touched = new Set<CameraRecorder>();
      for (const video of videos) {
        const camera = this.#camera(video.camera);
        touched.add(camera);
        await (video.kind === "end" ? camera.end(video.run) : camera.record(video));
      }
      for (const camera of touched) await camera.sync();
    });
  }

  /** Closes the segments of cameras that have been silent for too long. */
  async closeSilent(): Promise<void> {
    await this.#alone(async () => {
      for (const camera of this.#cameras.values()) if (camera.isSilent()) await camera.close("silence");
    });
  }

  /** Resolves when FFmpeg has nothing left to do. */
  idle(): Promise<void> {
    return this.#finisher.queue.idle();
  }

  /**
   * Closes all segments and finishes their recordings; no frames are taken from then on. What cannot be finished is
   * left to the next start.
   */
  async close(): Promise<void> {
    await this.#alone(async () => {
      this.#ending = true;
      for (const camera of this.#cameras.values()) {
        await camera.close("shutdown").catch(async (err: unknown) => {
          this.#options.log.error({ err }, "the open segment is left to the next start");
          await camera.abandon();
        });
      }
    });
    await this.idle();
  }

  #camera(name: string): CameraRecorder {
    const known = this.#cameras.get(name);
    if (known !== undefined) return known;
    const { root, settings, log } = this.#options;
    const finisher = this.#finisher;
    const { frames, repeats, closed } = finisher.metrics;
    const camera = new CameraRecorder(root, name, settings, {
      onChunk: (segment, first) => finisher.addChunk(segment, first),
      onClosed: (segment, why) => {
        log.info({ file: segment.target, why }, "segment closed");
        closed.inc({ camera: name, why });
        finisher.addJoin(segment);
      },
      onAside: (path) => finisher.keptAside(path),
      onFrame: (outcome, repeated) => {
        frames.inc({ camera: name, outcome });
        repeats.inc({ camera: name }, repeated);
      },
      isFull: (segment, journalBytes) => finisher.isFull(segment, journalBytes, settings.maxBytes),
    });
    this.#cameras.set(name, camera);
    return camera;
  }

  /** One at a time: messages, the watch for silence and the end of the app all change the open segments. */
  #alone(work: () => Promise<void>): Promise<void> {
    const next = this.#last.then(tripping(this.#options.guard, work));
    // Who asked for it is told of the failure; what comes next does not depend on it.
    this.#last = next.catch(() => undefined);
    return next;
  }
}
