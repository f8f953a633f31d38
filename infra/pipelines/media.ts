import { encodeFrame, type FrameFormat, frameHeaders } from "../../apps/media/frame.ts";
import type { Probe } from "../../lib/probe.ts";
import { appImage, nodeImage, systemImage } from "../plan/images.ts";

/** What apps of frames run on: FFmpeg beside Node. */
export const mediaImage = systemImage("media", nodeImage);
/** The producer of frames, from cameras or from a file. */
export const frameProducerImage = appImage("video-producer", mediaImage);

/** A JPEG of 16 × 16 pixels of one colour, for what sends frames of its own; Base64. */
export const smallJpeg =
  "/9j/2wBDABQODxIPDRQSEBIXFRQYHjIhHhwcHj0sLiQySUBMS0dARkVQWnNiUFVtVkVGZIhlbXd7gYKBTmCNl4x9lnN+gXz/2wBDARUXFx4aHjshITt8U0ZTfHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHz/wAARCAAQABADASIAAhEBAxEB/8QAFQABAQAAAAAAAAAAAAAAAAAAAAT/xAAUEAEAAAAAAAAAAAAAAAAAAAAA/8QAFQEBAQAAAAAAAAAAAAAAAAAABAX/xAAUEQEAAAAAAAAAAAAAAAAAAAAA/9oADAMBAAIRAxEAPwCIBQDf/9k=";

/** The headers, key and value of a frame as a drill sends it; see {@link Probe}. */
export function probeFrame(topic: string, format: FrameFormat): Pick<Probe, "headers" | "value"> {
  const { headers = {}, value } = encodeFrame(
    {
      camera: "{run}-{lane}",
      run: "{run}",
      seq: 0,
      capturedUs: 0,
      width: 16,
      height: 16,
      codec: "jpeg",
      jpeg: Buffer.from(smallJpeg, "base64"),
    },
    topic,
    format,
  );
  return {
    headers: {
      ...Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, String(text)])),
      [frameHeaders.seq]: "{seq}",
      [frameHeaders.capturedUs]: "{us}",
    },
    value: { base64: Buffer.from(value).toString("base64") },
  };
}
