import { afterAll, beforeAll, expect, test } from 'vitest';
import { tellCoreStory } from '../support/core-story.ts';
import { idOf, type RunningSandbox, startSandbox } from '../support/sandbox.ts';
import { dataFolder, logOf } from '../support/sandbox-data.ts';
import { ask, cardOf, confirm, titleOf, untilTold } from '../support/story.ts';

/** The main story where interactions come as signed requests. Its tests follow one another in one sandbox. */
let sandbox: RunningSandbox;
let data: Awaited<ReturnType<typeof dataFolder>>;
beforeAll(async () => {
  data = await dataFolder();
  sandbox = await startSandbox({ door: 'http', data: data.folder });
}, 60_000);
afterAll(async () => {
  await sandbox.stop();
  await data.remove();
});

/** Where the bot's HTTP door is, as it has logged it itself. */
async function addressOfBot(): Promise<string> {
  const lines = (await logOf(data.folder)) as { event?: string; port?: number }[];
  return `http://127.0.0.1:${lines.findLast(({ event }) => event === 'http.listening')?.port}`;
}

async function untilReady(origin: string) {
  const deadline = Date.now() + 20_000;
  while (!(await fetch(`${origin}/readyz`).catch(() => undefined))?.ok) {
    if (Date.now() > deadline) throw new Error('the bot did not come back');
    await new Promise((resume) => setTimeout(resume, 50));
  }
}

const story = { prompt: 'Add a health check' };

test('a request by signed POST is recorded, confirmed and told to its end, once', async () => {
  const { reply } = await ask(sandbox, story);
  expect(reply?.flags).toBe(64);
  expect(reply?.content).toContain('recorded');
  await confirm(sandbox, story);
  await untilTold(sandbox, story);
});

test('repositories are offered while somebody types', async () => {
  const { choices } = await sandbox.drive('autocomplete', {
    as: 'requester',
    name: 'jules',
    options: { repo: 'octo-org/a' },
    focused: 'repo',
  });
  expect(choices?.map(({ value }) => value)).toContain('octo-org/api');
});

test('a modal opens and is submitted through the same door', async () => {
  const second = { prompt: 'Rewrite everything' };
  await ask(sandbox, second);
  const card = await sandbox.until('the card', (state) => cardOf(state, second));
  const { modal } = await sandbox.drive('press', {
    as: 'approver',
    message: card.id,
    custom_id: idOf(card, /reject/),
  });
  const field = idOf({ components: modal?.components ?? [] }, /./);
  await sandbox.drive('modal', {
    as: 'approver',
    custom_id: modal?.custom_id,
    fields: { [field]: 'One page first' },
    message: card.id,
  });
  await sandbox.until('the card to say so', (state) => titleOf(cardOf(state, second)).startsWith('❌ Task rejected'));
});

test('every answer came inline, nothing by callback, and none was refused', async () => {
  const { requests } = await sandbox.state();
  const inline = requests.filter(({ path }) => path.endsWith('(answered inline)'));
  expect(inline.length).toBeGreaterThanOrEqual(5);
  expect(inline.map(({ verdict }) => verdict?.ok ?? true)).not.toContain(false);
  expect(requests.filter(({ path }) => path.endsWith('/callback'))).toEqual([]);
  expect(requests.filter(({ status }) => status >= 400 && status !== 429)).toEqual([]);
});

test('the process says that it is ready, and what it has done', async () => {
  const origin = await addressOfBot();
  const ready = (await (await fetch(`${origin}/readyz`)).json()) as { status: string };
  expect(ready.status).toBe('ready');
  const metrics = await (await fetch(`${origin}/metrics`)).text();
  for (const sample of [
    'verne_interaction_seconds_count{command="/jules",outcome="told"} 2',
    'verne_call_seconds_count{service="jules",to="create a session",code="ok"} 1',
    'verne_call_seconds_count{service="discord",to="start a thread",code="ok"}',
    'verne_signatures_total{verdict="forged"} 1',
    'verne_queue_known 1',
  ])
    expect(metrics).toContain(sample);
  const sum = (name: RegExp) =>
    metrics
      .split('\n')
      .filter((line) => name.test(line))
      .reduce((all, line) => all + Number(line.split(' ').at(-1)), 0);
  expect(sum(/^tasks_received_total\{/)).toBeGreaterThan(5);
  expect(sum(/^tasks_processed_total\{/)).toBeGreaterThan(5);
});

test('plans, questions, replies and follow-ups go through the same door', { timeout: 90_000 }, async () => {
  await tellCoreStory(sandbox, 'Steered by signed requests');
});

test('while the bot is away people are told that it did not respond; at its old address it goes on', async () => {
  const third = { prompt: 'Fix the footer' };
  await ask(sandbox, third);
  const card = await sandbox.until('the card', (state) => cardOf(state, third));
  const press = { as: 'approver', message: card.id, custom_id: idOf(card, /confirm/) };
  const origin = await addressOfBot();
  process.kill((await sandbox.botPid()) ?? 0, 'SIGKILL');
  expect((await sandbox.drive('press', press)).error).toBe('The application did not respond');
  await untilReady(origin);
  expect(await addressOfBot()).toBe(origin);
  await sandbox.drive('press', press);
  await untilTold(sandbox, third);
});
