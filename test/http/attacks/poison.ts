import type { Seeded } from '../../support/seeded.ts';

type Json = unknown;

/** Names that reach into an object's own machinery where somebody copies them carelessly. */
const NAMES = [
  ...['__proto__', 'constructor', 'prototype', 'toString', 'valueOf', 'hasOwnProperty', 'then', 'toJSON', 'length'],
  ...['id', 'type', 'data', 'options', 'name', 'value', 'member', 'user', 'components', 'custom_id', 'resolved', ''],
];
/** Numbers and texts as they stand in JSON: some are no number of JavaScript. */
const SCALARS = [
  ...['0', '-0', '1e999', '-1e999', '1e-999', '9007199254740993', '18446744073709551616', '0.1e1', 'true', 'null'],
  ...['"\\u0000"', '"\\ud800"', '"\\udfff\\ud800"', '"\\u202e"', '"{0.__class__}"', '"$&"', '"%s"', '"#{7*7}"'],
  ...['"1400000000000000001"', '"-1"', '"1e3"', '"<script>"', '"\\"\\\\"', '{}', '[]', '[[]]', `"${'x'.repeat(300)}"`],
];
const BROKEN = [
  '',
  '{',
  '}',
  '[',
  '"',
  '{"id":',
  '{"id":"1",}',
  "{'id':1}",
  'NaN',
  '{"id":"1"}}',
  '// x',
  '\ufeff{}',
  '\0',
];

const digits = (random: Seeded) => '7'.repeat(1 + random.below(3000));
const nested = (depth: number, [open, middle, close]: readonly [string, string, string]) =>
  open.repeat(depth) + middle + close.repeat(depth);

/** `depth` or as deep as `maxBytes` allow. */
function deep(random: Seeded, depth: number, maxBytes = 65_536): string {
  const within = random.pick([
    ['[', '', ']'],
    ['{"a":', '1', '}'],
    ['{"options":[', '', ']}'],
    ['{"components":[', '', ']}'],
  ] as const);
  const key = random.pick(['data', 'member', 'x', 'message', 'channel']);
  const fitting = Math.min(depth, Math.floor((maxBytes - 200) / (within[0].length + within[2].length)));
  return `{"id":"${digits(random).slice(0, 19)}","type":${1 + random.below(5)},"${key}":${nested(fitting, within)}}`;
}

function wide(random: Seeded, count: number): string {
  const isSame = random.below(2) === 0;
  const keys = Array.from({ length: count }, (_, at) => `"${isSame ? 'id' : `k${at}`}":"${at}"`);
  return `{"type":${random.below(6)},${keys.join(',')}}`;
}

/** A payload of which one value, somewhere, is another than Discord would send, or is not there. */
function changed(value: Json, random: Seeded): string {
  if (typeof value !== 'object' || value === null || random.below(5) === 0)
    return random.pick([...SCALARS, digits(random)]);
  const entries = Object.entries(value);
  const victim = random.below(Math.max(1, entries.length));
  const parts = entries.flatMap(([name, inner], at) => {
    if (at !== victim) return [[name, JSON.stringify(inner)] as const];
    return random.below(8) === 0 ? [] : [[name, changed(inner, random)] as const];
  });
  if (Array.isArray(value)) return `[${parts.map(([, text]) => text).join(',')}]`;
  if (random.below(4) === 0) parts.push([random.pick(NAMES), random.pick(SCALARS)]);
  return `{${parts.map(([name, text]) => `${JSON.stringify(name)}:${text}`).join(',')}}`;
}

const spoilt = (bytes: Buffer, random: Seeded) => {
  const copy = Buffer.from(bytes);
  for (let at = 0; at < 1 + random.below(4); at += 1) copy[random.below(copy.length)] = random.below(256);
  return copy;
};

/**
 * Bodies that somebody with the key, or a service gone mad, could send. `payloads` are honest ones to begin from;
 * `maxBytes` is what the address takes. One in a hundred is as deep or as wide as fits.
 */
export function poison(random: Seeded, payloads: readonly Json[], maxBytes: number): () => Buffer {
  const bounded = (text: string) => Buffer.from(text.length > maxBytes ? '{}' : text);
  return () => {
    if (random.below(100) === 0)
      return bounded(random.below(2) ? deep(random, maxBytes, maxBytes) : wide(random, Math.floor(maxBytes / 20)));
    const how = random.below(20);
    if (how < 1) return bounded(deep(random, 1 + random.below(500)));
    if (how < 2) return bounded(wide(random, 1 + random.below(100)));
    if (how < 4) return bounded(random.pick([...BROKEN, ...SCALARS]));
    const base = random.pick(payloads);
    if (how < 6) return spoilt(Buffer.from(JSON.stringify(base)), random);
    if (how < 7) return Buffer.from(JSON.stringify(base)).subarray(0, random.below(100));
    return bounded(changed(base, random));
  };
}
