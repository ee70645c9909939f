import { randomBytes } from 'node:crypto';
import nacl from 'tweetnacl';

type SignedRequest = {
  /** The header `X-Signature-Ed25519`, as it came. */
  readonly signature: unknown;
  /** The header `X-Signature-Timestamp`, as it came. */
  readonly timestamp: unknown;
  /** The bytes as they came: parsed and printed again they would be others. */
  readonly body: Uint8Array;
};

/** `busy`: so many are being verified that this one was not looked at; it may well be genuine. */
type Verdict = 'genuine' | 'malformed' | 'stale' | 'forged' | 'busy';

export type SignatureVerifier = {
  /** What the headers alone tell, before the body is read: undefined where they may be genuine. */
  preview(headers: Pick<SignedRequest, 'signature' | 'timestamp'>): 'malformed' | 'stale' | undefined;
  verify(request: SignedRequest): Promise<Verdict>;
};

export type VerifierOptions = {
  /** 64 hex digits, from the application's page. */
  readonly publicKey: string;
  readonly now?: () => number;
  readonly maxUnderWay?: number;
};

const ALGORITHM = 'Ed25519';
/** In small digits, as Discord writes them: a signature has one form. */
const SIGNATURE = /^[0-9a-f]{128}$/;
const TIMESTAMP = /^\d{1,12}$/;
/** Discord names no window. Its timestamps are seconds, and a captured request should not work for ever. */
const WINDOW_MS = 5 * 60_000;
/** One takes 0.1 ms of a core, so the last of them waits for about 25 ms. */
const MAX_UNDER_WAY = 256;

/**
 * The points of small order, without the bit of the sign, in each way to write them (the list of libsodium). Under such
 * a key anybody can sign, and OpenSSL 3.0 believes it; newer ones believe nothing, and nobody would see why.
 */
const SMALL_ORDER = [
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
];

function isSmallOrder(publicKey: string): boolean {
  const bytes = Buffer.from(publicKey, 'hex');
  bytes.writeUInt8(bytes.readUInt8(31) & 0x7f, 31);
  return SMALL_ORDER.includes(bytes.toString('hex'));
}

/**
 * Ed25519 by RFC 8032 without the cofactor: S below the order of the group, R compared as it is written.
 * The work is done on node's thread pool, with a key that is read once.
 */
export async function ed25519(publicKey: string) {
  if (isSmallOrder(publicKey)) throw new Error('DISCORD_PUBLIC_KEY is a key under which anybody can sign.');
  const key = await crypto.subtle.importKey('raw', Buffer.from(publicKey, 'hex'), ALGORITHM, false, ['verify']);
  return (signature: Uint8Array<ArrayBuffer>, signed: Uint8Array<ArrayBuffer>): Promise<boolean> =>
    crypto.subtle.verify(ALGORITHM, key, signature, signed);
}

/**
 * Verifies what Discord signed. The event loop stays free under a flood of bad signatures, where an implementation in
 * JavaScript fills a core with 200 a second.
 */
export async function signatureVerifier(options: VerifierOptions): Promise<SignatureVerifier> {
  const { now = Date.now, maxUnderWay = MAX_UNDER_WAY } = options;
  const isSigned = await ed25519(options.publicKey);
  let underWay = 0;

  function preview({ signature, timestamp }: Pick<SignedRequest, 'signature' | 'timestamp'>) {
    // Two headers of one name arrive as one text with a comma, which has not this form.
    if (typeof signature !== 'string' || !SIGNATURE.test(signature)) return 'malformed';
    if (typeof timestamp !== 'string' || !TIMESTAMP.test(timestamp)) return 'malformed';
    return Math.abs(now() - Number(timestamp) * 1000) > WINDOW_MS ? 'stale' : undefined;
  }

  async function verify(request: SignedRequest): Promise<Verdict> {
    const early = preview(request);
    if (early) return early;
    if (underWay >= maxUnderWay) return 'busy';
    underWay += 1;
    try {
      const signed = Buffer.concat([Buffer.from(String(request.timestamp)), request.body]);
      const signature = Buffer.from(String(request.signature), 'hex');
      return (await isSigned(signature, signed)) ? 'genuine' : 'forged';
    } finally {
      underWay -= 1;
    }
  }

  return { preview, verify };
}

/**
 * Two implementations that share nothing must agree before anything is believed: tweetnacl signs, node verifies, and
 * one changed bit is refused. Throws where they do not; such a process must not start.
 */
export async function proveVerifier(makeVerifier: typeof signatureVerifier = signatureVerifier): Promise<void> {
  const { publicKey, secretKey } = nacl.sign.keyPair.fromSeed(new Uint8Array(32).fill(7));
  const verifier = await makeVerifier({ publicKey: Buffer.from(publicKey).toString('hex') });
  const timestamp = String(Math.floor(Date.now() / 1000));
  const body = randomBytes(1024);
  const signature = nacl.sign.detached(Buffer.concat([Buffer.from(timestamp), body]), secretKey);
  const tampered = Buffer.from(body);
  tampered.writeUInt8(tampered.readUInt8(512) ^ 1, 512);
  const hex = Buffer.from(signature).toString('hex');
  const genuine = await verifier.verify({ signature: hex, timestamp, body });
  const forged = await verifier.verify({ signature: hex, timestamp, body: tampered });
  if (genuine !== 'genuine' || forged !== 'forged') {
    throw new Error(
      `The Ed25519 of this Node disagrees with tweetnacl: a good signature is ${genuine}, a bad one ${forged}.`,
    );
  }
}
