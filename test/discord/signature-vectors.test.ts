import nacl from 'tweetnacl';
import { describe, expect, test } from 'vitest';
import { ed25519 } from '#discord/signature.ts';
import { SPECCHECK, WYCHEPROOF } from '../support/ed25519-vectors.ts';

/**
 * W06. The rule that is kept is RFC 8032 without the cofactor, and more strictly: S is below the order of the group, and
 * neither key nor R is of small order. The OpenSSL of this Node holds it; OpenSSL 3.0 and tweetnacl take small orders
 * (1, 3, 5, 14), under which anybody can sign, so such a key is also refused by name at the start. tweetnacl does not
 * look at S either and takes a second form of a signature (9, 10); what is signed should have one form only. With a key
 * of mixed order (6) only its owner can sign: taken by both, and Discord's is none.
 */
const bytes = (hex: string) => new Uint8Array(Buffer.from(hex, 'hex'));

function takenByTweetnacl(key: string, message: string, signature: string): boolean {
  try {
    return nacl.sign.detached.verify(bytes(message), bytes(signature), bytes(key));
  } catch {
    return false;
  }
}

async function ours(key: string, message: string, signature: string) {
  const isSigned = await ed25519(key).catch(() => undefined);
  if (!isSigned) return 'refuses the key';
  return (await isSigned(bytes(signature), bytes(message))) ? 'takes' : 'refuses';
}

test.each(SPECCHECK)('$about: Verne $ours', async (one) => {
  expect(await ours(one.key, one.message, one.signature)).toBe(one.ours);
  expect(takenByTweetnacl(one.key, one.message, one.signature)).toBe(one.tweetnacl);
});

describe('the vectors of Wycheproof', () => {
  const { key, valid, invalid } = WYCHEPROOF;

  test('that are valid are taken, by tweetnacl too', async () => {
    for (const [message, signature] of valid) {
      expect(await ours(key, message, signature)).toBe('takes');
      expect(takenByTweetnacl(key, message, signature)).toBe(true);
    }
  });

  test('that are invalid are refused; tweetnacl takes only those with S + L', async () => {
    const takenByOther = invalid.filter(([message, signature]) => takenByTweetnacl(key, message, signature));
    for (const [message, signature] of invalid) expect(await ours(key, message, signature), signature).toBe('refuses');
    expect(takenByOther.map(([, signature]) => signature.slice(-2))).toEqual(['1d', '2d', '4d', '8d']);
  });
});

test('a key of small order, with either sign and in either form, stops the start', async () => {
  const orders = ['00', '01', '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05'];
  for (const start of orders) {
    for (const sign of ['0', '8']) {
      const key = start.padEnd(64, '0');
      const last = (Number.parseInt(key.slice(62), 16) | (sign === '8' ? 0x80 : 0)).toString(16).padStart(2, '0');
      await expect(ed25519(key.slice(0, 62) + last)).rejects.toThrow('anybody can sign');
    }
  }
});
