import { FfmpegSource } from "./ffmpeg-source.ts";
import { FileSource } from "./file.ts";
import { FolderSource } from "./folder.ts";
import { HttpMjpegSource } from "./http-mjpeg.ts";
import type { Source, SourceSpec } from "./source.ts";

/** The source that a specification describes. Nothing is opened before it runs. */
export function parseSource(spec: SourceSpec): Source {
  switch (spec.type) {
    case "mjpeg":
      return new HttpMjpegSource(spec);
    case "ffmpeg":
      return new FfmpegSource(spec);
    case "file":
      return new FileSource(spec);
    case "folder":
      return new FolderSource(spec);
  }
}
