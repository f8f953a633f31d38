import { type KafkaMessage, PoisonError, type Rejection } from "../../common/kafka-message.ts";
import { decodeVideo, type FrameFormat, type VideoMessage } from "../../media/frame.ts";

/** Reads a batch, in its order; what cannot be read is rejected with the reason. */
export function decodeBatch(
  messages: readonly KafkaMessage[],
  format: FrameFormat,
): { videos: VideoMessage[]; rejections: Rejection[] } {
  const videos: VideoMessage[] = [];
  const rejections: Rejection[] = [];
  for (const message of messages) {
    try {
      videos.push(decodeVideo(message, format));
    } catch (error) {
      if (!(error instanceof PoisonError)) throw error;
      rejections.push({ message, reason: error.message });
    }
  }
  return { videos, rejections };
}
