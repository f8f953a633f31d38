import { mkdir, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** Enough for print. */
export const DOTS_PER_INCH = 300;

/** A CSS pixel is a 96th of an inch; sharp draws one dot for it at its density of 72. */
const DENSITY = (72 * DOTS_PER_INCH) / 96;

/**
 * Draws an SVG as a PNG of 300 dots an inch. Its text is set in the DejaVu fonts that come with this project and in
 * no others, so that a picture looks the same on every machine, one without any fonts included.
 *
 * @param fontsDir a folder for the fonts' configuration and index, made if need be
 */
export async function rasterise(svg: string, fontsDir: string): Promise<Buffer> {
  process.env.FONTCONFIG_FILE = await writeFontsConf(fontsDir);
  // Fontconfig looks at its variables once, when the first text is drawn: sharp must not be loaded before.
  const { default: sharp } = await import("sharp");
  return sharp(Buffer.from(svg), { density: DENSITY })
    .flatten({ background: "white" })
    .withMetadata({ density: DOTS_PER_INCH })
    .png({ compressionLevel: 9 })
    .toBuffer();
}

/** Writes a configuration of Fontconfig that knows the DejaVu fonts alone; returns its path. */
async function writeFontsConf(fontsDir: string): Promise<string> {
  const fonts = join(dirname(createRequire(import.meta.url).resolve("dejavu-fonts-ttf/package.json")), "ttf");
  const lines = [
    '<?xml version="1.0"?>',
    '<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">',
    "<fontconfig>",
    `  <dir>${escapeXml(fonts)}</dir>`,
    `  <cachedir>${escapeXml(join(fontsDir, "cache"))}</cachedir>`,
    "</fontconfig>",
  ];
  await mkdir(fontsDir, { recursive: true });
  const path = join(fontsDir, "fonts.conf");
  await writeFile(path, `${lines.join("\n")}\n`);
  return path;
}

const escapeXml = (path: string): string => path.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
