import { appImage, nodeImage, systemImage } from "../plan/images.ts";

/** What apps of frames run on: FFmpeg beside Node. */
export const mediaImage = systemImage("media", nodeImage);
/** The producer of frames, from cameras or from a file. */
export const frameProducerImage = appImage("video-producer", mediaImage);
