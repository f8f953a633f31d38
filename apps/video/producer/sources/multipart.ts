import { maxPictureBytes } from "./frame.ts";

/** Longest header line, and most header lines of a part; what goes beyond is garbage. */
const maxLineLength = 8192;
const maxHeaderLines = 64;

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const hyphen = 0x2d;

/**
 * The boundary of a `Content-Type: multipart/x-mixed-replace; boundary="…"`, without its quotes.
 * @returns undefined when the type is no multipart or names no boundary
 */
export function boundaryOf(contentType: string): string | undefined {
  if (!/^\s*multipart\//i.test(contentType)) return undefined;
  const [, quoted, plain] = /;\s*boundary\s*=\s*(?:"([^"]+)"|([^\s;"]+))/i.exec(contentType) ?? [];
  return quoted ?? plain;
}

/**
 * Reads a multipart stream (RFC 2046 §5.1.1) as cameras send it: parts with or without Content-Length, the boundary
 * with or without the leading `--` that their header leaves out or repeats. A part ends at its Content-Length or at the
 * next boundary, whichever comes first; so a part that was cut off costs nothing but itself, and one of known length is
 * handed on without waiting for what follows it.
 */
export class MultipartParser {
  readonly #declared: string;
  readonly #onBad: (reason: string) => void;
  readonly #maxBytes: number;
  /** Line feed and boundary as this stream writes it, known from its first boundary on. */
  #delimiter: Buffer | undefined;
  #state: "lines" | "body" | "seek" | "ended" = "lines";
  #line = "";
  #headerLines = 0;
  #contentLength: number | undefined;
  /** Slices of what arrived, put together once when the part is whole: one copy. */
  #pieces: Buffer[] = [];
  #bytes = 0;
  /** How many bytes of the delimiter the last bytes are; beyond its length, what follows it on its line. */
  #matched = 0;
  #closing = false;
  /** Length of the body before the line feed that may begin a delimiter. */
  #bodyLength = 0;

  /**
   * @param boundary as in the Content-Type
   * @param onBad told why a part was given up
   * @param maxBytes a longer part is given up
   */
  constructor(boundary: string, onBad: (reason: string) => void, maxBytes = maxPictureBytes) {
    this.#declared = boundary;
    this.#onBad = onBad;
    this.#maxBytes = maxBytes;
  }

  /** @returns the bodies of the parts that this chunk completes */
  push(chunk: Buffer): Buffer[] {
    const done: Buffer[] = [];
    let at = 0;
    while (at < chunk.length && this.#state !== "ended") {
      at = this.#state === "lines" ? this.#readLine(chunk, at) : this.#readBody(chunk, at, done);
    }
    return done;
  }

  /** @returns the body that only the end of the stream ended, if there is one */
  end(): Buffer | undefined {
    const body = this.#state === "body" && this.#bytes > 0 ? this.#take(this.#bytes) : undefined;
    this.#state = "ended";
    return body;
  }

  #readLine(chunk: Buffer, at: number): number {
    const found = chunk.indexOf(lineFeed, at);
    const end = found < 0 ? chunk.length : found;
    const room = maxLineLength - this.#line.length;
    this.#line += chunk.toString("latin1", at, Math.min(end, at + Math.max(0, room)));
    if (found < 0) return chunk.length;
    const line = this.#line.trimEnd();
    this.#line = "";
    if (this.#delimiter === undefined) this.#onPreamble(line);
    else if (line === "") this.#beginBody();
    else this.#onHeader(line, this.#delimiter);
    return found + 1;
  }

  /** Some cameras declare `--x` and write `--x`, some declare `x` and write `x`; the first line that fits decides. */
  #onPreamble(line: string): void {
    const fits = line === `--${this.#declared}` || line === this.#declared;
    if (fits) this.#delimiter = Buffer.from(`\n${line}`, "latin1");
  }

  #onHeader(line: string, delimiter: Buffer): void {
    this.#headerLines += 1;
    if (line === delimiter.toString("latin1", 1)) {
      this.#onBad("a part that was cut off in its headers");
      this.#beginHeaders();
    } else if (this.#headerLines > maxHeaderLines) {
      this.#onBad(`a part with more than ${maxHeaderLines} header lines`);
      this.#seek();
    }
    const [, digits] = /^content-length\s*:\s*(\d{1,15})$/i.exec(line) ?? [];
    if (digits !== undefined) this.#contentLength = Number(digits);
  }

  #beginHeaders(): void {
    this.#state = "lines";
    this.#headerLines = 0;
    this.#contentLength = undefined;
  }

  #beginBody(): void {
    this.#clear();
    this.#state = "body";
    if (this.#contentLength === undefined || this.#contentLength <= this.#maxBytes) return;
    this.#onBad(`a part of ${this.#contentLength} bytes; ${this.#maxBytes} are allowed`);
    this.#seek();
  }

  /** Drops everything up to the next delimiter. */
  #seek(): void {
    this.#clear();
    this.#state = "seek";
  }

  #clear(): void {
    this.#pieces = [];
    this.#bytes = 0;
    this.#bodyLength = 0;
    this.#closing = false;
    // Here the last line has just ended, or a body may be followed by a boundary at once.
    this.#matched = 1;
  }

  #readBody(chunk: Buffer, at: number, done: Buffer[]): number {
    const known = this.#state === "body" ? this.#contentLength : undefined;
    const limit = known === undefined ? chunk.length : Math.min(chunk.length, at + known - this.#bytes);
    const { end, found } = this.#findDelimiter(chunk, at, limit);
    this.#bytes += end - at;
    if (this.#state === "body") this.#pieces.push(chunk.subarray(at, end));
    if (found) {
      if (this.#state === "body") done.push(this.#take(this.#bodyLength));
      if (this.#closing) this.#state = "ended";
      else this.#beginHeaders();
    } else if (known === this.#bytes) {
      done.push(this.#take(known));
      // A Content-Length that is too large ends inside the next delimiter, which must be recognised all the same.
      const matched = Math.max(1, this.#matched);
      this.#seek();
      this.#matched = matched;
    } else if (this.#state === "body" && this.#bytes > this.#maxBytes) {
      this.#onBad(`a part of more than ${this.#maxBytes} bytes`);
      this.#seek();
    }
    return end;
  }

  /** @returns whether a delimiter's line ends before `limit`, and where */
  #findDelimiter(chunk: Buffer, at: number, limit: number): { end: number; found: boolean } {
    let next = at;
    while (next < limit) {
      if (this.#matched === 0) {
        const lineEnd = chunk.indexOf(lineFeed, next);
        if (lineEnd < 0 || lineEnd >= limit) break;
        next = lineEnd;
      }
      if (this.#match(chunk.readUInt8(next), this.#bytes + next - at)) return { end: next + 1, found: true };
      next += 1;
    }
    return { end: limit, found: false };
  }

  /**
   * Compares one byte with what a delimiter has there. After the boundary a line may have blanks and its end, or `--`,
   * which closes the stream. A line feed occurs at a delimiter's beginning and end only, so nothing is compared twice.
   * @param offset of the byte in the body
   * @returns whether the delimiter is complete
   */
  #match(byte: number, offset: number): boolean {
    const delimiter = this.#delimiter ?? Buffer.alloc(0);
    const after = this.#matched - delimiter.length;
    if (after >= 0 && !this.#closing && byte === lineFeed) return true;
    if (after >= 0 && byte === hyphen && (after === 0 || this.#closing)) {
      if (this.#closing) return true;
      this.#closing = true;
    } else if (after >= 0 && !this.#closing && (byte === carriageReturn || byte === 0x20 || byte === 0x09)) {
      this.#matched += 1;
    } else if (after < 0 && byte === delimiter[this.#matched]) {
      if (this.#matched === 0) this.#bodyLength = offset;
      this.#matched += 1;
    } else {
      this.#closing = false;
      this.#matched = byte === lineFeed ? 1 : 0;
      if (byte === lineFeed) this.#bodyLength = offset;
    }
    return false;
  }

  /** The first `length` bytes, less the carriage return that belongs to the delimiter. */
  #take(length: number): Buffer {
    const body = Buffer.concat(this.#pieces, Math.min(length, this.#bytes));
    this.#pieces = [];
    const ownsReturn = length !== this.#contentLength && body.at(-1) === carriageReturn;
    return ownsReturn ? body.subarray(0, -1) : body;
  }
}
