import { isStandalone, markers } from "../../../media/jpeg.ts";
import { maxPictureBytes } from "./frame.ts";

/** What the next byte is read as. */
type State = "seek" | "marker" | "length" | "segment" | "entropy";

const startOfImage = Buffer.from([0xff, markers.soi]);

/**
 * Splits a stream of JPEGs that follow one another, as FFmpeg writes them, into pictures. The segments are walked as
 * ITU-T T.81 annex B lays them out, so that the end of a thumbnail inside a segment is not taken for the end of its
 * picture. After garbage or a picture cut off it goes on at the next start of image.
 */
export class JpegSplitter {
  readonly #onBad: (reason: string) => void;
  readonly #maxBytes: number;
  /** Slices of what arrived, put together once when the picture is whole: one copy. */
  #pieces: Buffer[] = [];
  #bytes = 0;
  #state: State = "seek";
  /** Whether the last byte was 0xff, which makes the next one a marker. */
  #ff = false;
  #marker = 0;
  #left = 0;
  #length = 0;

  /** @param maxBytes a longer picture is given up */
  constructor(onBad: (reason: string) => void, maxBytes = maxPictureBytes) {
    this.#onBad = onBad;
    this.#maxBytes = maxBytes;
  }

  /** @returns the pictures that this chunk completes */
  push(chunk: Buffer): Buffer[] {
    const done: Buffer[] = [];
    let from = 0;
    let at = 0;
    while (at < chunk.length) {
      const collecting = this.#state !== "seek";
      at = this.#step(chunk, at);
      if (this.#state === "seek" && collecting) {
        // #step leaves the state of a picture only at its end or where it is broken.
        if (this.#marker === markers.eoi) done.push(this.#take(chunk.subarray(from, at)));
        else this.#giveUp("bytes that belong to no JPEG");
      } else if (this.#state !== "seek" && this.#marker === markers.soi) {
        if (collecting) this.#giveUp("a JPEG that was cut off");
        this.#begin();
        from = at;
      }
    }
    if (this.#state !== "seek") this.#keep(chunk.subarray(from));
    return done;
  }

  /** Tells of a picture that the end of the stream cut off. */
  end(): void {
    if (this.#state !== "seek") this.#giveUp("a JPEG that the end of the stream cut off");
    this.#state = "seek";
  }

  /** Reads on from `at`. @returns where to read on next */
  #step(chunk: Buffer, at: number): number {
    switch (this.#state) {
      case "seek":
      case "entropy": {
        if (!this.#ff) {
          const found = chunk.indexOf(0xff, at);
          this.#ff = found >= 0;
          return found < 0 ? chunk.length : found + 1;
        }
        if (this.#state === "seek") this.#seek(chunk.readUInt8(at));
        else this.#inEntropy(chunk.readUInt8(at));
        return at + 1;
      }
      case "marker": {
        const byte = chunk.readUInt8(at);
        if (byte === 0xff) this.#ff = true;
        else this.#onMarker(this.#ff ? byte : 0);
        return at + 1;
      }
      case "length": {
        this.#length = this.#length * 256 + chunk.readUInt8(at);
        this.#left -= 1;
        if (this.#left === 0) this.#onLength();
        return at + 1;
      }
      case "segment": {
        const taken = Math.min(this.#left, chunk.length - at);
        this.#left -= taken;
        if (this.#left === 0) this.#state = this.#marker === markers.sos ? "entropy" : "marker";
        return at + taken;
      }
    }
  }

  #seek(byte: number): void {
    this.#ff = byte === 0xff;
    if (byte !== markers.soi) return;
    this.#marker = markers.soi;
    this.#state = "marker";
  }

  /** In entropy-coded data 0xff is followed by 0 when it is data, and a restart marker changes nothing. */
  #inEntropy(byte: number): void {
    if (byte === 0xff) return;
    if (byte === 0 || (byte >= markers.rst0 && byte <= markers.rst7)) this.#ff = false;
    else this.#onMarker(byte);
  }

  /** @param marker one below 0xc0 does not occur: what came is no JPEG */
  #onMarker(marker: number): void {
    this.#ff = false;
    this.#marker = marker;
    if (marker === markers.soi || (isStandalone(marker) && marker !== markers.eoi)) this.#state = "marker";
    else if (marker === markers.eoi || marker < 0xc0) this.#state = "seek";
    else {
      this.#state = "length";
      this.#length = 0;
      this.#left = 2;
    }
  }

  /** The length of a segment counts its own two bytes. */
  #onLength(): void {
    this.#left = this.#length - 2;
    if (this.#left > 0) this.#state = "segment";
    else if (this.#left < 0) this.#state = "seek";
    else this.#state = this.#marker === markers.sos ? "entropy" : "marker";
  }

  #begin(): void {
    this.#pieces = [startOfImage];
    this.#bytes = startOfImage.length;
    this.#marker = 0;
  }

  #keep(piece: Buffer): void {
    this.#pieces.push(piece);
    this.#bytes += piece.length;
    if (this.#bytes <= this.#maxBytes) return;
    this.#giveUp(`a JPEG of more than ${this.#maxBytes} bytes`);
    this.#state = "seek";
    this.#ff = false;
  }

  #take(last: Buffer): Buffer {
    const jpeg = Buffer.concat([...this.#pieces, last]);
    this.#pieces = [];
    this.#marker = 0;
    return jpeg;
  }

  #giveUp(reason: string): void {
    this.#pieces = [];
    this.#onBad(reason);
  }
}
