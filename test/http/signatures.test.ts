import { expect, test } from 'vitest';
import { isAuthentic } from '#jules/webhook.ts';
import { seeded } from '../support/seeded.ts';
import { pour } from './attacks/line.ts';
import { isRefused, type Mutant, mutants, reportMutants } from './attacks/mutants.ts';
import { WEBHOOK_SECRET } from './attacks/signing.ts';
import { startApp } from './support.ts';

/** Enough to have met every kind, however busy the machine is. */
const AT_LEAST = 400;

/** As many as are answered in that time, on connections of their own; gives back how many there were, and of how many kinds. */
async function sendMutants(port: number, next: () => Mutant, forMs: number) {
  const sent = new Map<Buffer, Mutant>();
  const seen = new Set<string>();
  const endsAt = performance.now() + forMs;
  let count = 0;
  await pour({
    port,
    connections: 16,
    next: () => {
      if (count >= AT_LEAST && performance.now() > endsAt) return undefined;
      count += 1;
      const mutant = next();
      sent.set(mutant.request, mutant);
      return mutant.request;
    },
    heard: (answer, request) => {
      const mutant = sent.get(request);
      sent.delete(request);
      if (!mutant || !isRefused(answer, mutant))
        throw new Error(`${mutant?.kind}: ${answer.status} ${answer.body} for ${request.toString('latin1')}`);
      seen.add(mutant.kind);
    },
  });
  return { kinds: seen.size, count };
}

test('no mutant of a signed interaction is accepted or read, and each has the one form of a refusal (W05)', async () => {
  const app = await startApp();
  const { kinds, count } = await sendMutants(app.port, mutants(seeded(5)), 1500);
  expect(app.answered).toEqual([]);
  expect(kinds).toBeGreaterThan(18);
  expect(count).toBeGreaterThanOrEqual(AT_LEAST);
});

test('no mutant of a signed report is accepted or read', async () => {
  let received = 0;
  const webhook = {
    name: 'jules',
    summary: '',
    body: {},
    curl: '',
    bodyLimitBytes: 65_536,
    isAuthentic: ({
      body,
      headers,
    }: {
      body: Buffer;
      headers: Readonly<Record<string, string | string[] | undefined>>;
    }) =>
      isAuthentic(
        {
          body,
          signature: headers['x-verne-signature']?.toString(),
          authorization: headers['authorization']?.toString(),
        },
        [WEBHOOK_SECRET],
      ),
    receive: async () => {
      received += 1;
      return {};
    },
  };
  const app = await startApp({ deps: { trustedProxies: 1, webhooks: { webhooks: [webhook], logRefusal: () => {} } } });
  const { kinds, count } = await sendMutants(app.port, reportMutants(seeded(6)), 800);
  expect(received).toBe(0);
  expect(kinds).toBe(12);
  expect(count).toBeGreaterThanOrEqual(AT_LEAST);
});
