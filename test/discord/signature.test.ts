import { verifyKey } from 'discord-interactions';
import fc from 'fast-check';
import nacl from 'tweetnacl';
import { beforeAll, expect, test } from 'vitest';
import { proveVerifier, type SignatureVerifier, signatureVerifier } from '#discord/signature.ts';

const NOW = 1_800_000_000_000;
const TIMESTAMP = String(NOW / 1000);
const keys = nacl.sign.keyPair.fromSeed(new Uint8Array(32).fill(3));
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const publicKey = hex(keys.publicKey);
const BODY = Buffer.from(JSON.stringify({ id: '1', type: 1, text: 'ä 🧠' }));

const sign = (body: Uint8Array, timestamp = TIMESTAMP, secretKey = keys.secretKey) => ({
  signature: hex(nacl.sign.detached(Buffer.concat([Buffer.from(timestamp), body]), secretKey)),
  timestamp,
  body,
});

let verifier: SignatureVerifier;
beforeAll(async () => {
  verifier = await signatureVerifier({ publicKey, now: () => NOW });
});

test('what tweetnacl signs is genuine, in the small digits that Discord writes', async () => {
  const request = sign(BODY);
  expect(await verifier.verify(request)).toBe('genuine');
  expect(await verifier.verify({ ...request, signature: request.signature.toUpperCase() })).toBe('malformed');
});

/** RFC 8032, section 7.1, tests 1 to 3. */
const RFC_8032 = [
  {
    key: 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
    message: '',
    signature:
      'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
  },
  {
    key: '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
    message: '72',
    signature:
      '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
  },
  {
    key: 'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025',
    message: 'af82',
    signature:
      '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a',
  },
];

test('node and tweetnacl agree on the vectors of RFC 8032', async () => {
  for (const { key, message, signature } of RFC_8032) {
    const [keyBytes, bytes, signed] = [key, message, signature].map((text) => Buffer.from(text, 'hex'));
    if (!(keyBytes && bytes && signed)) throw new Error('a vector is missing');
    const imported = await crypto.subtle.importKey('raw', keyBytes, 'Ed25519', false, ['verify']);
    expect(await crypto.subtle.verify('Ed25519', imported, signed, bytes)).toBe(true);
    expect(nacl.sign.detached.verify(bytes, signed, keyBytes)).toBe(true);
  }
});

test('Discord’s own package takes the same requests, and refuses the same ones', async () => {
  const { signature, timestamp } = sign(BODY);
  expect(await verifyKey(BODY, signature, timestamp, publicKey)).toBe(true);
  expect(await verifyKey(Buffer.concat([BODY, Buffer.from(' ')]), signature, timestamp, publicKey)).toBe(false);
});

test('two thousand mutants of body, timestamp and signature: none is accepted, none breaks the verifier', async () => {
  const flip = (bytes: Uint8Array, at: number, bit: number) => {
    const copy = Uint8Array.from(bytes);
    const index = at % copy.length;
    copy[index] = (copy[index] ?? 0) ^ (1 << bit);
    return copy;
  };
  const mutant = fc.oneof(
    fc.record({ kind: fc.constant('body' as const), at: fc.nat(10_000), bit: fc.nat(7) }),
    fc.record({ kind: fc.constant('signature' as const), at: fc.nat(63), bit: fc.nat(7) }),
    fc.record({ kind: fc.constant('timestamp' as const), by: fc.integer({ min: 1, max: 299 }) }),
    fc.record({ kind: fc.constant('cut' as const), to: fc.nat(127) }),
    fc.record({ kind: fc.constant('anything' as const), signature: fc.anything(), timestamp: fc.anything() }),
    fc.record({ kind: fc.constant('random' as const), bytes: fc.uint8Array({ minLength: 64, maxLength: 64 }) }),
    fc.record({ kind: fc.constant('shift' as const), count: fc.integer({ min: 1, max: 9 }) }),
  );
  const honest = sign(BODY);
  const bytes = Buffer.from(honest.signature, 'hex');
  await fc.assert(
    fc.asyncProperty(mutant, async (one) => {
      const changed = {
        body: () => ({ body: flip(BODY, 'at' in one ? one.at : 0, 'bit' in one ? one.bit : 0) }),
        signature: () => ({ signature: hex(flip(bytes, 'at' in one ? one.at : 0, 'bit' in one ? one.bit : 0)) }),
        timestamp: () => ({ timestamp: String(NOW / 1000 + ('by' in one ? one.by : 1)) }),
        cut: () => ({ signature: honest.signature.slice(0, 'to' in one ? one.to : 0) }),
        anything: () => ('timestamp' in one ? { signature: one.signature, timestamp: one.timestamp } : {}),
        random: () => ({ signature: hex('bytes' in one ? one.bytes : new Uint8Array(64)) }),
        // The same signed bytes, with the border between timestamp and body elsewhere.
        shift: () => {
          const count = 'count' in one ? one.count : 1;
          const all = Buffer.concat([Buffer.from(TIMESTAMP), BODY]);
          const border = TIMESTAMP.length - count;
          return { timestamp: all.subarray(0, border).toString(), body: all.subarray(border) };
        },
      }[one.kind]();
      expect(await verifier.verify({ ...honest, ...changed })).not.toBe('genuine');
    }),
    { numRuns: 2000, seed: 8032 },
  );
});

/** The order of the curve's group: a signature with S + L would be a second one for the same message. */
const L = (1n << 252n) + 27742317777372353535851937790883648493n;
const littleEndian = (bytes: Uint8Array) => bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
const bytesOf = (value: bigint) => Uint8Array.from({ length: 32 }, (_, at) => Number((value >> BigInt(8 * at)) & 255n));

test('a signature has one form: with S + L it is refused, though the equation holds', async () => {
  const honest = sign(BODY);
  const bytes = Buffer.from(honest.signature, 'hex');
  const again = Buffer.concat([bytes.subarray(0, 32), bytesOf(littleEndian(bytes.subarray(32)) + L)]);
  const message = Buffer.concat([Buffer.from(TIMESTAMP), BODY]);
  // tweetnacl does not look at this, which shows that the mutant is what it should be.
  expect(nacl.sign.detached.verify(message, again, keys.publicKey)).toBe(true);
  expect(await verifier.verify({ ...honest, signature: hex(again) })).toBe('forged');
});

/** Points of order 1, 2, 4 and 8, and their forms above the field's prime: as keys they fit signatures of anything. */
const SMALL_ORDER = [
  `01${'00'.repeat(31)}`,
  '00'.repeat(32),
  `${'00'.repeat(31)}80`,
  `ec${'ff'.repeat(30)}7f`,
  `ed${'ff'.repeat(30)}7f`,
  `ee${'ff'.repeat(30)}7f`,
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
];

test('a point of small order counts neither as key nor as commitment', async () => {
  for (const point of SMALL_ORDER) {
    const signature = point + '00'.repeat(32);
    const weak = await signatureVerifier({ publicKey: point, now: () => NOW }).catch(() => undefined);
    for (let tries = 0; tries < 16; tries += 1) {
      const request = { signature, timestamp: TIMESTAMP, body: Buffer.from(`body ${tries}`) };
      if (weak) expect(await weak.verify(request)).toBe('forged');
      expect(await verifier.verify(request)).toBe('forged');
    }
  }
});

test('a good signature of another key is forged', async () => {
  const other = nacl.sign.keyPair.fromSeed(new Uint8Array(32).fill(4));
  expect(await verifier.verify(sign(BODY, TIMESTAMP, other.secretKey))).toBe('forged');
});

test('a signature counts for five minutes around its time, to the second', async () => {
  const at = (offsetS: number) => verifier.verify(sign(BODY, String(NOW / 1000 + offsetS)));
  expect(await Promise.all([at(-300), at(300), at(-240), at(240)])).toEqual(Array(4).fill('genuine'));
  expect(await Promise.all([at(-301), at(301), at(-86_400), at(86_400)])).toEqual(Array(4).fill('stale'));
});

test('what has not the form of a signature costs no verification', async () => {
  const request = sign(BODY);
  for (const signature of [undefined, '', 'zz', `${request.signature}00`, `${request.signature}, x`, ['a']])
    expect(verifier.preview({ ...request, signature })).toBe('malformed');
  for (const timestamp of [undefined, '', '-5', '1e9', '1.5', ' 1', '9'.repeat(400)])
    expect(verifier.preview({ ...request, timestamp })).toBe('malformed');
  expect(verifier.preview(request)).toBeUndefined();
});

test('no more verifications are under way than were allowed; who is turned away may come again', async () => {
  const narrow = await signatureVerifier({ publicKey, now: () => NOW, maxUnderWay: 4 });
  const verdicts = await Promise.all(Array.from({ length: 10 }, () => narrow.verify(sign(BODY))));
  expect(verdicts.filter((verdict) => verdict === 'genuine')).toHaveLength(4);
  expect(verdicts.filter((verdict) => verdict === 'busy')).toHaveLength(6);
  expect(await narrow.verify(sign(BODY))).toBe('genuine');
});

test('the verifier is proven at the start, and one that is wrong either way is found', async () => {
  await expect(proveVerifier()).resolves.toBeUndefined();
  const always = (verdict: 'genuine' | 'forged') => async () => ({
    preview: () => undefined,
    verify: async () => verdict,
  });
  await expect(proveVerifier(always('genuine'))).rejects.toThrow(/disagrees with tweetnacl/);
  await expect(proveVerifier(always('forged'))).rejects.toThrow(/disagrees with tweetnacl/);
});
