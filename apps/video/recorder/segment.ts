import { access, readdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { z } from "zod";
import { codeOf, makeFolder, syncFolder, writeAtomic } from "../../media/atomic.ts";
import { partContainer } from "../../media/ffmpeg.ts";
import { dayOf, secondOf } from "../../media/layout.ts";
import { codecs, containers, qualities, type VideoSettings } from "../../media/recording.ts";

/**
 * The files of a recording while it is made, in `<output>/.work/<camera>/<number>/`:
 * `segment.json`; for each chunk `<first slot>.journal`, and `<first slot>.<frames>.part.<container>` once it is video.
 */
export interface Segment {
  readonly folder: string;
  readonly number: number;
  readonly camera: string;
  /** Size of its pictures. */
  readonly width: number;
  readonly height: number;
  /** Path of the finished recording, below the output folder. */
  readonly target: string;
  readonly video: VideoSettings;
}

/** Names of finished recordings. */
export const recordedFile = /^\d{2}-\d{2}-\d{2}(\.\d{1,4})?\.(avi|mp4|mkv)$/;

const workFolder = ".work";
const about = "segment.json";
const cameraState = z.object({ closed: z.number(), runs: z.array(z.tuple([z.string(), z.number()])) });
/** What is known of a camera beyond its segments: the last one closed, and the last frame seen of each run. */
export type CameraState = z.infer<typeof cameraState>;

const segmentFile = z.object({
  number: z.number(),
  camera: z.string(),
  width: z.number(),
  height: z.number(),
  target: z.string(),
  video: z.object({
    fps: z.number(),
    codec: z.enum(codecs),
    container: z.enum(containers),
    quality: z.enum(qualities),
  }),
});

export function cameraFolder(root: string, camera: string): string {
  return join(root, workFolder, camera);
}

export function segmentFolder(root: string, camera: string, number: number): string {
  return join(cameraFolder(root, camera), String(number));
}

export function journalPath({ folder }: Segment, firstSlot: number): string {
  return join(folder, `${padded(firstSlot)}.journal`);
}

/** Where a chunk is kept of which no video can be made: not in the segment's folder, which goes with the segment. */
export function asidePath({ folder, number }: Segment, firstSlot: number): string {
  return join(dirname(folder), `bad-${number}-${firstSlot}.journal`);
}

/** A chunk that is video. */
export interface Part {
  readonly path: string;
  readonly first: number;
  /** Frames in it, part of its name, so that none of them has to be counted again. */
  readonly frames: number;
}

export function partPath({ folder, video }: Segment, first: number, frames: number): string {
  return join(folder, `${padded(first)}.${frames}.part.${partContainer(video.codec)}`);
}

/** Makes the folder of a new segment; it has a name that no other recording of the camera has. */
export async function createSegment(
  root: string,
  start: Pick<Segment, "number" | "camera" | "width" | "height" | "video"> & { startUs: number },
): Promise<Segment> {
  const { number, camera, startUs, width, height, video } = start;
  const folder = segmentFolder(root, camera, number);
  const taken = new Set((await listSegments(root, camera)).map(({ target }) => target));
  let target = "";
  for (let copy = 1; target === "" || taken.has(target) || (await exists(join(root, target))); copy += 1) {
    const suffix = copy === 1 ? "" : `.${copy}`;
    target = join(camera, dayOf(startUs), `${secondOf(startUs)}${suffix}.${video.container}`);
  }
  const segment = { number, camera, width, height, target, video };
  await makeFolder(folder);
  await writeAtomic(join(folder, about), JSON.stringify(segment), true);
  await syncFolder(folder);
  return { ...segment, folder };
}

/** Segments that a camera has in work, the first one first. Folders that a crash left without content are passed over. */
export async function listSegments(root: string, camera: string): Promise<Segment[]> {
  const names = (await entries(cameraFolder(root, camera))).filter((name) => /^\d+$/.test(name));
  const segments: Segment[] = [];
  for (const name of names.sort((a, b) => Number(a) - Number(b))) {
    const folder = join(cameraFolder(root, camera), name);
    const file = join(folder, about);
    if (!(await exists(file))) continue;
    segments.push({ ...segmentFile.parse(JSON.parse(await readFile(file, "utf8"))), folder });
  }
  return segments;
}

/** Cameras that something is in work of. */
export function listCameras(root: string): Promise<string[]> {
  return entries(join(root, workFolder));
}

/** First slots of the chunks that are still journals. */
export async function listJournals({ folder }: Segment): Promise<number[]> {
  const slots = (await entries(folder)).map((name) => /^(\d+)\.journal$/.exec(name)?.[1]);
  return slots
    .filter((slot) => slot !== undefined)
    .map(Number)
    .sort((a, b) => a - b);
}

/** The chunks that are video, in order. */
export async function listParts({ folder }: Segment): Promise<Part[]> {
  const parts = (await entries(folder)).flatMap((name) => {
    const [, first, frames] = /^(\d+)\.(\d+)\.part\.\w+$/.exec(name) ?? [];
    return first === undefined
      ? []
      : [{ path: join(folder, name), first: Number(first), frames: Number(frames) }];
  });
  return parts.sort((a, b) => a.first - b.first);
}

export async function readCameraState(root: string, camera: string): Promise<CameraState> {
  const path = join(cameraFolder(root, camera), "camera.json");
  if (!(await exists(path))) return { closed: 0, runs: [] };
  return cameraState.parse(JSON.parse(await readFile(path, "utf8")));
}

/** Resolves when the state is on the disk. */
export async function writeCameraState(root: string, camera: string, state: CameraState): Promise<void> {
  const folder = cameraFolder(root, camera);
  await makeFolder(folder);
  await writeAtomic(join(folder, "camera.json"), JSON.stringify(state), true);
  await syncFolder(folder);
}

function padded(slot: number): string {
  return String(slot).padStart(10, "0");
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch (error) {
    if (codeOf(error) === "ENOENT") return false;
    throw error;
  }
}

/** Names in a folder; none when there is no such folder. */
async function entries(folder: string): Promise<string[]> {
  return (await exists(folder)) ? await readdir(folder) : [];
}
