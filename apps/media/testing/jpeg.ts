/** Headers and data as a JPEG has them (ITU-T T.81, annex B): enough to pass for one, too little to be decoded. */
export function fakeJpeg(data: Uint8Array = new Uint8Array(1), width = 8, height = 8): Buffer {
  const frame = Buffer.from([0xff, 0xc0, 0, 11, 8, 0, 0, 0, 0, 1, 1, 0x11, 0]);
  frame.writeUInt16BE(height, 5);
  frame.writeUInt16BE(width, 7);
  const scan = Buffer.from([0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0]);
  return Buffer.concat([Buffer.from([0xff, 0xd8]), frame, scan, data, Buffer.from([0xff, 0xd9])]);
}
