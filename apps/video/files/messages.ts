import { type KafkaMessage, PoisonError, type Rejection } from "../../common/kafka-message.ts";
import { decodeVideo, type FrameFormat, type VideoMessage } from "../../media/frame.ts";
import type { CameraLimit } from "./camera-limit.ts";

/** Reads a batch, in its order; what cannot be read, or is of a camera too many, is rejected with the reason. */
export function decodeBatch(
  messages: readonly KafkaMessage[],
  format: FrameFormat,
  cameras: CameraLimit,
): { videos: VideoMessage[]; rejections: Rejection[] } {
  const videos: VideoMessage[] = [];
  const rejections: Rejection[] = [];
  for (const message of messages) {
    try {
      const video = decodeVideo(message, format);
      cameras.admit(video.camera);
      videos.push(video);
    } catch (error) {
      if (!(error instanceof PoisonError)) throw error;
      rejections.push({ message, reason: error.message });
    }
  }
  return { videos, rejections };
}
