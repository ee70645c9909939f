import type { Seeded } from '../../support/seeded.ts';
import { type Answer, bytesOf } from './line.ts';
import { hmacOf, secondsNow, signatureOf } from './signing.ts';

/** 400: no HTTP any more. 431: more headers than are read. */
type Expected = 401 | 400 | 431;
export type Mutant = { readonly request: Buffer; readonly expected: Expected; readonly kind: string };

/** The one form of a refusal; nothing in it depends on what was wrong. */
const REFUSAL =
  /^{"error":{"code":"(?:bad_signature|bad_request)","message":"[^"]{5,90}","retryable":false,"correlation_id":"[0-9a-f-]{36}"}}$/;

/** Who still sends a megabyte when the refusal comes may lose it to the end of the connection. */
export function isRefused({ status, body }: Answer, { expected }: Mutant): boolean {
  if (status === 0) return expected === 431;
  return status === expected && REFUSAL.test(body);
}

const SIGNATURE = 'x-signature-ed25519';
const TIMESTAMP = 'x-signature-timestamp';
type Parts = { readonly body: Buffer; readonly timestamp: string; readonly signature: string };
type Headers = readonly (readonly [string, string])[];

const headersOf = ({ signature, timestamp }: Parts): Headers => [
  [SIGNATURE, signature],
  [TIMESTAMP, timestamp],
];

/** The order of the curve's group. */
const L = (1n << 252n) + 27742317777372353535851937790883648493n;
function plusOrder(signature: string, times: bigint): string {
  const s = BigInt(`0x${Buffer.from(signature.slice(64), 'hex').reverse().toString('hex')}`) + L * times;
  return signature.slice(0, 64) + Buffer.from(s.toString(16).padStart(64, '0'), 'hex').reverse().toString('hex');
}

function flipBit(bytes: Buffer, random: Seeded): Buffer {
  const copy = Buffer.from(bytes);
  const at = random.below(copy.length);
  copy[at] = (copy[at] ?? 0) ^ (1 << random.below(8));
  return copy;
}

const flipText = (text: string, random: Seeded) => flipBit(Buffer.from(text, 'latin1'), random).toString('latin1');
const cut = (text: string, random: Seeded) => text.slice(0, random.below(text.length));
const junk = (random: Seeded) =>
  Array.from({ length: random.below(200) }, () => random.pick([...'0123456789abcdefXYZ ,;=-'])).join('');

/** Each changes something that was signed, or the signature: none of them is what Discord sent. */
const CHANGES: Readonly<Record<string, (parts: Parts, random: Seeded) => { headers?: Headers; body?: Buffer }>> = {
  'bit of the body': ({ body }, random) => ({ body: flipBit(body, random) }),
  'body cut': ({ body }, random) => ({ body: body.subarray(0, random.below(body.length)) }),
  'body longer': ({ body }, random) => ({ body: Buffer.concat([body, Buffer.from([random.below(256)])]) }),
  'another body': (_parts, random) => ({ body: Buffer.from(junk(random)) }),
  'bit of the signature': (parts, random) => {
    const signature = flipBit(Buffer.from(parts.signature, 'hex'), random).toString('hex');
    return { headers: headersOf({ ...parts, signature }) };
  },
  'bit of its text': (parts, random) => ({
    headers: headersOf({ ...parts, signature: flipText(parts.signature, random) }),
  }),
  'capital digits': (parts) => ({ headers: headersOf({ ...parts, signature: parts.signature.toUpperCase() }) }),
  'signature cut': (parts, random) => ({ headers: headersOf({ ...parts, signature: cut(parts.signature, random) }) }),
  'signature longer': (parts, random) => ({
    headers: headersOf({ ...parts, signature: parts.signature + random.pick(['0', '00', '0'.repeat(128)]) }),
  }),
  'signature of junk': (parts, random) => ({ headers: headersOf({ ...parts, signature: junk(random) }) }),
  'S + L': (parts, random) => ({
    headers: headersOf({ ...parts, signature: plusOrder(parts.signature, BigInt(1 + random.below(14))) }),
  }),
  'R and S swapped': (parts) => ({
    headers: headersOf({ ...parts, signature: parts.signature.slice(64) + parts.signature.slice(0, 64) }),
  }),
  'bit of the timestamp': (parts, random) => ({
    headers: headersOf({ ...parts, timestamp: flipText(parts.timestamp, random) }),
  }),
  'another second': (parts, random) => ({
    headers: headersOf({ ...parts, timestamp: String(Number(parts.timestamp) + 1 + random.below(290)) }),
  }),
  'timestamp of junk': (parts, random) => ({ headers: headersOf({ ...parts, timestamp: junk(random) }) }),
  'zero before the timestamp': (parts) => ({ headers: headersOf({ ...parts, timestamp: `0${parts.timestamp}` }) }),
  // The same signed bytes, with the border between timestamp and body elsewhere.
  'border moved': (parts, random) => {
    const border = random.below(parts.timestamp.length);
    const all = Buffer.concat([Buffer.from(parts.timestamp), parts.body]);
    const timestamp = parts.timestamp.slice(0, border);
    return { headers: headersOf({ ...parts, timestamp }), body: all.subarray(border) };
  },
  'bit of a name': (parts, random) => {
    const name = flipText(SIGNATURE, random);
    const isSame = name.toLowerCase() === SIGNATURE;
    return { headers: [[isSame ? `x${SIGNATURE}` : name, parts.signature] as const, ...headersOf(parts).slice(1)] };
  },
  'a header left out': (parts, random) => ({ headers: [random.pick(headersOf(parts))] }),
  'two signatures': (parts) => ({ headers: [[SIGNATURE, parts.signature] as const, ...headersOf(parts)] }),
  'two timestamps': (parts) => ({ headers: [...headersOf(parts), [TIMESTAMP, parts.timestamp] as const] }),
  'header of a megabyte': (parts) => ({ headers: headersOf({ ...parts, signature: '0'.repeat(1_048_576) }) }),
};

const KINDS = Object.keys(CHANGES);
/** A megabyte a time, so one in a thousand. */
const RARE = 'header of a megabyte';

/** A name that got a colon is a shorter name with a longer value. */
const LINE = /^[\w!#$%&'*+.^`|~-]+:[\t -~\u0080-\u00ff]*$/;

function expectedOf(headers: Headers): Expected {
  if (!headers.every(([name, value]) => LINE.test(`${name}: ${value}`))) return 400;
  return headers.some(([, value]) => value.length > 16_384) ? 431 : 401;
}

/** White space around a value is no part of it, so that what only differs there is the signed request itself. */
function isGenuine(parts: Parts, headers: Headers, body: Buffer): boolean {
  const told = headers.map(([name, value]) => `${name.toLowerCase()}: ${value.replace(/^[\t ]+|[\t ]+$/g, '')}`);
  const signed = headersOf(parts).map(([name, value]) => `${name}: ${value}`);
  return body.equals(parts.body) && told.join('\n') === signed.join('\n');
}

const BODIES = [
  { id: '1400000000000000001', type: 1, version: 1 },
  { id: '1400000000000000002', type: 2, token: 'x'.repeat(40), data: { id: '1', name: 'jules', type: 1 } },
].map((body) => Buffer.from(JSON.stringify(body)));

/** Mutants of requests that are signed now: an old one would be refused for its age. */
export function mutants(random: Seeded): () => Mutant {
  let parts: Parts[] = [];
  let signedAt = '';
  return function next(): Mutant {
    const now = secondsNow();
    if (now !== signedAt) {
      parts = BODIES.map((body) => ({ body, timestamp: now, signature: signatureOf(body, now) }));
      signedAt = now;
    }
    const base = random.pick(parts);
    const kind = random.below(1000) === 0 ? RARE : random.pick(KINDS.filter((one) => one !== RARE));
    const change = CHANGES[kind]?.(base, random) ?? {};
    const [headers, body] = [change.headers ?? headersOf(base), change.body ?? base.body];
    if (isGenuine(base, headers, body)) return next();
    return { request: bytesOf({ path: '/interactions', headers, body }), expected: expectedOf(headers), kind };
  };
}

const REPORT = Buffer.from(JSON.stringify({ id: 'r1', at: '2026-11-20T12:00:00Z', session: '17753085909492805070' }));
const SIGNED = 'x-verne-signature';
const PROOF = hmacOf(REPORT);

/** What makes a report of ours one that nobody signed. */
const REPORT_CHANGES: Readonly<Record<string, (random: Seeded) => { headers?: Headers; body?: Buffer }>> = {
  'bit of the body': (random) => ({ body: flipBit(REPORT, random) }),
  'body cut': (random) => ({ body: REPORT.subarray(0, random.below(REPORT.length)) }),
  'another body': (random) => ({ body: Buffer.from(junk(random)) }),
  'bit of the signature': (random) => ({ headers: [[SIGNED, flipText(PROOF, random)]] }),
  'capital digits': () => ({ headers: [[SIGNED, `sha256=${PROOF.slice(7).toUpperCase()}`]] }),
  'signature cut': (random) => ({ headers: [[SIGNED, cut(PROOF, random)]] }),
  'without its name': () => ({ headers: [[SIGNED, PROOF.slice(7)]] }),
  'signature of junk': (random) => ({ headers: [[SIGNED, junk(random)]] }),
  'two signatures': () => ({ headers: [[SIGNED, PROOF] as const, [SIGNED, PROOF] as const] }),
  'bearer of junk': (random) => ({ headers: [['authorization', `Bearer ${junk(random)}`]] }),
  'signature as a bearer': () => ({ headers: [['authorization', `Bearer ${PROOF}`]] }),
  'no proof': () => ({ headers: [] }),
};
const REPORT_KINDS = Object.keys(REPORT_CHANGES);

const addressOf = (at: number) => `10.${(at >> 16) & 255}.${(at >> 8) & 255}.${at & 255}`;

/** Each from an address of its own, as one proxy would tell it: the limit by address is not what is tested. */
export function reportMutants(random: Seeded): () => Mutant {
  let at = 0;
  return function next(): Mutant {
    at += 1;
    const kind = random.pick(REPORT_KINDS);
    const { headers = [[SIGNED, PROOF]], body = REPORT } = REPORT_CHANGES[kind]?.(random) ?? {};
    const [[, value] = ['', '']] = headers;
    if (body.equals(REPORT) && headers.length === 1 && value.trim() === PROOF) return next();
    const all = [...headers, ['x-forwarded-for', addressOf(at)] as const];
    return { request: bytesOf({ path: '/webhook/jules', headers: all, body }), expected: expectedOf(headers), kind };
  };
}
