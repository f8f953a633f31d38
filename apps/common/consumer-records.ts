import type { Consumer, Message, MessagesStream } from "@platformatic/kafka";
import type { RecordBatch } from "./record-batch.ts";

export type RawConsumer = Consumer<Buffer, RecordBatch, Buffer, Buffer>;
export type RawStream = MessagesStream<Buffer, RecordBatch, Buffer, Buffer>;
/** What the client has as one message: a batch of them. */
export type RawMessage = Message<Buffer, RecordBatch, Buffer, Buffer>;
