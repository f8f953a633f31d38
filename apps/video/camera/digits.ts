/** Digits for the numbers that are drawn into pictures, so that no font is needed: 5 × 7 dots each. */
const glyphs: Readonly<Record<string, readonly string[]>> = {
  "0": [" ### ", "#   #", "#   #", "# # #", "#   #", "#   #", " ### "],
  "1": ["  #  ", " ##  ", "# #  ", "  #  ", "  #  ", "  #  ", "#####"],
  "2": [" ### ", "#   #", "    #", "  ## ", " #   ", "#    ", "#####"],
  "3": ["#### ", "    #", "    #", " ### ", "    #", "    #", "#### "],
  "4": ["#   #", "#   #", "#   #", "#####", "    #", "    #", "    #"],
  "5": ["#####", "#    ", "#    ", "#### ", "    #", "    #", "#### "],
  "6": [" ### ", "#    ", "#    ", "#### ", "#   #", "#   #", " ### "],
  "7": ["#####", "    #", "   # ", "   # ", "  #  ", "  #  ", "  #  "],
  "8": [" ### ", "#   #", "#   #", " ### ", "#   #", "#   #", " ### "],
  "9": [" ### ", "#   #", "#   #", " ####", "    #", "    #", " ### "],
  ":": ["     ", "  #  ", "  #  ", "     ", "  #  ", "  #  ", "     "],
  ".": ["     ", "     ", "     ", "     ", "     ", " ##  ", " ##  "],
  "-": ["     ", "     ", "     ", " ### ", "     ", "     ", "     "],
  "#": [" # # ", " # # ", "#####", " # # ", "#####", " # # ", " # # "],
  Z: ["#####", "    #", "   # ", "  #  ", " #   ", "#    ", "#####"],
  " ": ["     ", "     ", "     ", "     ", "     ", "     ", "     "],
};

const glyphWidth = 5;
const glyphHeight = 7;
/** Width of a character with the gap after it, dots. */
const advance = glyphWidth + 1;
/** Frame of the box around a line of text, dots. */
const margin = 1;

/** An RGB picture: 3 bytes a pixel, rows from the top. */
export interface Raster {
  readonly pixels: Buffer;
  readonly width: number;
  readonly height: number;
}

/** Size of the box that a text takes, pixels. @param dot pixels of a dot's side */
export function textSize(text: string, dot: number): { width: number; height: number } {
  return { width: (text.length * advance - 1 + 2 * margin) * dot, height: (glyphHeight + 2 * margin) * dot };
}

/**
 * Draws a text, white in a black box, with its upper left corner at (`x`, `y`).
 * @throws when a character has no glyph or the box is not inside the picture
 */
export function drawText(raster: Raster, text: string, x: number, y: number, dot: number): void {
  const { pixels, width, height } = raster;
  const box = textSize(text, dot);
  if (x < 0 || y < 0 || x + box.width > width || y + box.height > height) {
    throw new RangeError(`the text ${text} does not fit a picture of ${width} × ${height} at ${x}, ${y}`);
  }
  const fill = (left: number, top: number, across: number, down: number, value: number): void => {
    for (let row = top; row < top + down; row += 1) {
      pixels.fill(value, (row * width + left) * 3, (row * width + left + across) * 3);
    }
  };
  fill(x, y, box.width, box.height, 0);
  for (const [column, character] of [...text].entries()) {
    const rows = glyphs[character];
    if (rows === undefined) throw new RangeError(`there is no glyph for ${character}`);
    for (const [row, dots] of rows.entries()) {
      for (let i = 0; i < glyphWidth; i += 1) {
        if (dots[i] !== "#") continue;
        fill(x + (margin + column * advance + i) * dot, y + (margin + row) * dot, dot, dot, 255);
      }
    }
  }
}
