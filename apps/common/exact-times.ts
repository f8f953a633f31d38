import { Writer } from "@platformatic/kafka";

/**
 * Has the client write times within a batch exactly, however far they are apart. As of 2.12 it takes the sign of a
 * 64-bit number from bit 31, so that a message that is more than 24.8 days older than the first of its batch, as a dead
 * letter can be, came to bear another time. The right way is https://protobuf.dev/programming-guides/encoding/#signed-ints.
 */
export function writeExactTimes(): void {
  Writer.prototype.appendVarInt64 = function (value, append) {
    return this.appendUnsignedVarInt64((value << 1n) ^ (value >> 63n), append);
  };
}
