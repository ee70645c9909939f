import { crc32, deflateSync, inflateSync } from 'node:zlib';

/**
 * A screenshot as a picture of 64 colours, which takes a third of the room: pages of text have few colours, and the
 * shades that their edges add are hardly seen. It reads what Chromium writes (8 bits, RGB or RGBA, not interlaced).
 */

const SIGNATURE = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]);
const COLORS = 64;

type Pixels = { readonly width: number; readonly height: number; readonly rgb: readonly number[] };

function* chunksOf(png: Buffer): Generator<readonly [type: string, data: Buffer]> {
  for (let at = SIGNATURE.length; at < png.length; ) {
    const length = png.readUInt32BE(at);
    yield [png.toString('latin1', at + 4, at + 8), png.subarray(at + 8, at + 8 + length)];
    at += 12 + length;
  }
}

/** The predictor of the PNG specification, §9.4. */
function paeth(left: number, up: number, corner: number): number {
  const guess = left + up - corner;
  const [a, b, c] = [Math.abs(guess - left), Math.abs(guess - up), Math.abs(guess - corner)];
  if (a <= b && a <= c) return left;
  return b <= c ? up : corner;
}

const PREDICTORS: readonly ((left: number, up: number, corner: number) => number)[] = [
  () => 0,
  (left) => left,
  (_left, up) => up,
  (left, up) => (left + up) >> 1,
  paeth,
];

/** Each byte is stored as the difference to what its row's predictor makes of the bytes before and above it. */
function unfilter(raw: Buffer, { height, stride, bytes }: { height: number; stride: number; bytes: number }): Buffer {
  // A row above and a pixel to the left of everything, all zero, so that no edge is special.
  const width = stride + bytes;
  const out = Buffer.alloc((height + 1) * width);
  for (let y = 0; y < height; y += 1) {
    const from = y * (stride + 1);
    const predict = PREDICTORS[raw.readUInt8(from)] ?? paeth;
    for (let x = 0; x < stride; x += 1) {
      const at = (y + 1) * width + bytes + x;
      const [left, up, corner] = [at - bytes, at - width, at - width - bytes].map((one) => out.readUInt8(one));
      out[at] = raw.readUInt8(from + 1 + x) + predict(left ?? 0, up ?? 0, corner ?? 0);
    }
  }
  const rows = Array.from({ length: height }, (_, y) => out.subarray((y + 1) * width + bytes, (y + 2) * width));
  return Buffer.concat(rows);
}

function readPixels(png: Buffer): Pixels {
  const chunks = [...chunksOf(png)];
  const header = chunks.find(([type]) => type === 'IHDR')?.[1] ?? Buffer.alloc(13);
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)];
  const bytes = header[9] === 6 ? 4 : 3;
  const data = Buffer.concat(chunks.filter(([type]) => type === 'IDAT').map(([, part]) => part));
  const flat = unfilter(inflateSync(data), { height, stride: width * bytes, bytes });
  const rgb: number[] = [];
  for (let at = 0; at < flat.length; at += bytes) rgb.push(flat.readUIntBE(at, 3));
  return { width, height, rgb };
}

const part = (color: number, shift: number) => (color >> shift) & 255;
const distance = (one: number, other: number) =>
  [16, 8, 0].reduce((sum, shift) => sum + (part(one, shift) - part(other, shift)) ** 2, 0);

/**
 * The colour that is used most, then again and again the one that would be missed most: by how often it is used, and how
 * far it is from what is there already.
 */
function paletteOf(rgb: readonly number[]): number[] {
  const uses = new Map<number, number>();
  for (const color of rgb) uses.set(color, (uses.get(color) ?? 0) + 1);
  const open = [...uses].map(([color, count]) => ({ color, count, far: Number.POSITIVE_INFINITY }));
  const palette: number[] = [];
  while (palette.length < COLORS && palette.length < open.length) {
    const next = open.reduce((best, one) => (loss(one) > loss(best) ? one : best));
    palette.push(next.color);
    for (const one of open) one.far = Math.min(one.far, distance(one.color, next.color));
  }
  return palette;
}

const loss = ({ count, far }: { count: number; far: number }) => count * Math.min(far, 3 * 255 ** 2);

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const out = Buffer.alloc(body.length + 8);
  out.writeUInt32BE(data.length, 0);
  body.copy(out, 4);
  out.writeUInt32BE(crc32(body), body.length + 4);
  return out;
}

export function smallPng(png: Buffer): Buffer {
  const { width, height, rgb } = readPixels(png);
  const palette = paletteOf(rgb);
  const nearest = new Map<number, number>();
  const indexOf = (color: number) => {
    const known = nearest.get(color);
    if (known !== undefined) return known;
    const far = palette.map((one) => distance(one, color));
    const found = far.indexOf(Math.min(...far));
    nearest.set(color, found);
    return found;
  };
  const rows = Buffer.alloc((width + 1) * height);
  for (let at = 0; at < rgb.length; at += 1) {
    rows[Math.floor(at / width) * (width + 1) + 1 + (at % width)] = indexOf(rgb[at] ?? 0);
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 3, 0, 0, 0], 8);
  const colors = Buffer.from(palette.flatMap((color) => [16, 8, 0].map((shift) => part(color, shift))));
  const data = deflateSync(rows, { level: 9 });
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('PLTE', colors),
    chunk('IDAT', data),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}
