import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { extract, pack } from "tar-stream";

/** What of an archive was passed on, and what the receiver had already, bytes. */
export interface Passed {
  readonly sent: number;
  readonly spared: number;
}

/**
 * An archive of `docker save` without the layers that the receiver has. `docker load` asks for a layer's content only
 * when it has none of that chain of layers, so one that is there need not be in the archive. In the archive a layer is
 * `blobs/sha256/<digest>`, and as layers are not compressed there, the digest is the layer's diff id.
 *
 * @param from the archive
 * @param to where the smaller archive goes; ended when all of it is there
 * @param known diff ids, `sha256:…`, of layers that may be left out
 * @param onProgress called with the bytes passed on so far
 */
export async function withoutLayers(
  from: NodeJS.ReadableStream,
  to: NodeJS.WritableStream,
  known: ReadonlySet<string>,
  onProgress: (sent: number) => void = () => {},
): Promise<Passed> {
  const [input, output] = [extract(), pack()];
  let [sent, spared] = [0, 0];
  const counter = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      sent += chunk.length;
      onProgress(sent);
      done(null, chunk);
    },
  });
  const filter = async () => {
    for await (const entry of input) {
      const { header } = entry;
      if (isKnown(header.name, known)) {
        spared += header.size ?? 0;
        entry.resume();
        continue;
      }
      // A link or folder has no content, and must not be waited for.
      if (header.type !== "file") {
        entry.resume();
        await new Promise<void>((resolve, reject) =>
          output.entry(header, (error) => (error ? reject(error) : resolve())),
        );
        continue;
      }
      await pipeline(entry, output.entry(header));
    }
    output.finalize();
  };
  await Promise.all([pipeline(from, input), filter(), pipeline(output, counter, to)]);
  return { sent, spared };
}

function isKnown(name: string, known: ReadonlySet<string>): boolean {
  const digest = /^blobs\/sha256\/([0-9a-f]{64})$/.exec(name)?.[1];
  return digest !== undefined && known.has(`sha256:${digest}`);
}

/** Layers of images on a machine, by what `docker image inspect` prints of each: a JSON array of diff ids a line. */
export function layersIn(lines: string): Set<string> {
  return new Set(
    lines
      .split("\n")
      .filter((line) => line.startsWith("["))
      .flatMap((line) => JSON.parse(line) as string[]),
  );
}
