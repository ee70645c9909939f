import { createHmac, createPrivateKey, sign } from 'node:crypto';
import { bytesOf } from './line.ts';

const PKCS8_ED25519 = Buffer.from('302e020100300506032b657004220420', 'hex');
/** The key of `signed` in `test/http/support.ts`; node signs with it a hundred times faster than tweetnacl. */
const key = createPrivateKey({
  key: Buffer.concat([PKCS8_ED25519, Buffer.alloc(32, 5)]),
  format: 'der',
  type: 'pkcs8',
});

export const WEBHOOK_SECRET = 'a secret of sixteen or more';

export const secondsNow = () => String(Math.floor(Date.now() / 1000));

export const signatureOf = (body: Uint8Array, timestamp: string): string =>
  sign(null, Buffer.concat([Buffer.from(timestamp), body]), key).toString('hex');

export type Proof = readonly (readonly [string, string])[];

export function proofOf(body: Uint8Array, timestamp = secondsNow()): Proof {
  return [
    ['x-signature-ed25519', signatureOf(body, timestamp)],
    ['x-signature-timestamp', timestamp],
  ];
}

/** A body as Discord would send it. */
export const asDiscord = (body: Uint8Array): Buffer => bytesOf({ path: '/interactions', headers: proofOf(body), body });

export const hmacOf = (body: Uint8Array): string =>
  `sha256=${createHmac('sha256', WEBHOOK_SECRET).update(body).digest('hex')}`;

/** A report from an address of its own, so that the limit by address does not stand before what is tested. */
export function asReporter(body: Uint8Array, from = '203.0.113.1'): Buffer {
  const headers = [
    ['x-verne-signature', hmacOf(body)],
    ['x-forwarded-for', from],
  ] as const;
  return bytesOf({ path: '/webhook/jules', headers, body });
}
