import nacl from 'tweetnacl';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ed25519 } from '#discord/signature.ts';
import { type Attacked, startAttacked, warm } from '../http/attacks/bot.ts';
import { type Answer, bytesOf, openLine, pour } from '../http/attacks/line.ts';
import { isRefused, type Mutant, mutants, reportMutants } from '../http/attacks/mutants.ts';
import { asDiscord, secondsNow, signatureOf } from '../http/attacks/signing.ts';
import { mb, ms } from '../http/attacks/trials.ts';
import { PING } from '../http/support.ts';
import { SPECCHECK, WYCHEPROOF } from '../support/ed25519-vectors.ts';
import { recordFigure } from '../support/figures.ts';
import { seeded } from '../support/seeded.ts';

const SEED = Number(process.env['VERNE_SEED'] ?? 20261120);
const MUTANTS = Number(process.env['VERNE_MUTANTS'] ?? 1_000_000);
const REPORTS = MUTANTS / 5;

let attacked: Attacked;
beforeAll(async () => {
  attacked = await startAttacked();
  await warm(attacked, 20_000);
}, 60_000);
afterAll(() => attacked?.stop());

/** Sends `count` of them, says how far it is, and throws at the first that is answered in another way than it should be. */
async function sendAll(next: () => Mutant, count: number) {
  const under = new Map<Buffer, Mutant>();
  const kinds = new Set<string>();
  const startedAt = performance.now();
  let sent = 0;
  let answered = 0;
  await pour({
    port: attacked.bot.port,
    connections: 48,
    next: () => {
      if (sent >= count) return undefined;
      sent += 1;
      const mutant = next();
      under.set(mutant.request, mutant);
      return mutant.request;
    },
    heard: (answer, request) => {
      const mutant = under.get(request);
      under.delete(request);
      if (!mutant || !isRefused(answer, mutant))
        throw new Error(`${mutant?.kind}: ${answer.status} ${answer.body} for ${request.toString('latin1')}`);
      kinds.add(mutant.kind);
      answered += 1;
      if (answered % 100_000 === 0) console.info(`${answered} mutants after ${ms(performance.now() - startedAt)}`);
    },
  });
  expect(attacked.bot.isAlive()).toBe(true);
  return { kinds: kinds.size, perSecond: Math.round((count * 1000) / (performance.now() - startedAt)) };
}

test('Discord’s probes, a PING and a bad signature, are answered as it wants within 100 ms each (W07)', async () => {
  const line = openLine(attacked.bot.port);
  const forged = () => {
    const body = Buffer.from(PING);
    const timestamp = secondsNow();
    const signature = signatureOf(Buffer.from(`${PING} `), timestamp);
    const headers = [
      ['x-signature-ed25519', signature],
      ['x-signature-timestamp', timestamp],
    ] as const;
    return bytesOf({ path: '/interactions', headers, body });
  };
  const answers: Answer[] = [];
  for (let at = 0; at < 1000; at += 1) {
    const pong = await line.send(asDiscord(Buffer.from(PING)));
    expect([pong.status, pong.body]).toEqual([200, '{"type":1}']);
    const refused = await line.send(forged());
    expect(refused.status).toBe(401);
    answers.push(pong, refused);
  }
  line.close();
  const slowest = Math.max(...answers.map(({ tookMs }) => tookMs));
  expect(slowest).toBeLessThan(100);
  await recordFigure('W07', `1,000 PINGs and 1,000 bad signatures: all as wanted, slowest ${slowest.toFixed(1)} ms`);
});

test('a million mutants of signed requests: none is accepted or read (W05)', async () => {
  let done = { kinds: 0, perSecond: 0 };
  const growthMb = await attacked.bot.growthMb(async () => {
    done = await sendAll(mutants(seeded(SEED)), MUTANTS);
  });
  const told = `${MUTANTS.toLocaleString('en')} mutants of ${done.kinds} kinds (seed ${SEED})`;
  await recordFigure('W05', `${told}: 0 accepted, 0 crashes, ${done.perSecond} a second, memory + ${mb(growthMb)}`);
});

test('mutants of signed reports: none is accepted or read (W05)', async () => {
  const { kinds } = await sendAll(reportMutants(seeded(SEED)), REPORTS);
  await recordFigure('W05', `${REPORTS.toLocaleString('en')} mutants of reports of ${kinds} kinds: 0 accepted`);
});

const L = (1n << 252n) + 27742317777372353535851937790883648493n;
const numberIn = (bytes: Uint8Array) => BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`);
const bytesIn = (value: bigint) => Buffer.from(value.toString(16).padStart(64, '0'), 'hex').reverse();

test('node and tweetnacl agree but for the second forms that tweetnacl takes, under many keys (W06)', async () => {
  const random = seeded(SEED);
  const bytes = (count: number) => Uint8Array.from({ length: count }, () => random.below(256));
  const keys = 500;
  for (let at = 0; at < keys; at += 1) {
    const { publicKey, secretKey } = nacl.sign.keyPair.fromSeed(bytes(32));
    const [message, isSigned] = [bytes(random.below(300)), await ed25519(Buffer.from(publicKey).toString('hex'))];
    const signature = nacl.sign.detached(message, secretKey);
    const again = Buffer.concat([signature.subarray(0, 32), bytesIn(numberIn(signature.subarray(32)) + L)]);
    const wrongKey = await ed25519(Buffer.from(nacl.sign.keyPair.fromSeed(bytes(32)).publicKey).toString('hex'));
    expect(await isSigned(new Uint8Array(signature), message)).toBe(true);
    expect(await isSigned(new Uint8Array(again), message)).toBe(false);
    expect(nacl.sign.detached.verify(message, new Uint8Array(again), publicKey)).toBe(true);
    expect(await wrongKey(new Uint8Array(signature), message)).toBe(false);
  }
  const { key, valid, invalid } = WYCHEPROOF;
  const hex = (text: string) => new Uint8Array(Buffer.from(text, 'hex'));
  const byVector = await ed25519(key);
  for (const [message, signature] of valid) expect(await byVector(hex(signature), hex(message))).toBe(true);
  for (const [message, signature] of invalid) expect(await byVector(hex(signature), hex(message))).toBe(false);
  for (const { key: edge, message, signature, ours } of SPECCHECK) {
    const taken = await ed25519(edge).then(
      (verify) => verify(hex(signature), hex(message)),
      () => false,
    );
    expect(taken).toBe(ours === 'takes');
  }
  const vectors = SPECCHECK.length + WYCHEPROOF.invalid.length + WYCHEPROOF.valid.length;
  await recordFigure(
    'W06',
    `${vectors} published vectors answered as listed; ${keys} keys (seed ${SEED}): 0 second forms and 0 wrong keys taken`,
  );
});
