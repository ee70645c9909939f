import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { setUp } from '#sandbox/first-start.ts';

const FIRST_START = { roles: { create: '1', confirm: '2' }, keys: [{ key: 'a key' }], repo: 'octo-org/website' };
const UNANSWERED = { status: 400, body: { error: 'The application did not respond' } };

/** What the bot would answer: selects for both roles, a button for the key, its form, and a repository to choose. */
const ANSWERS: Readonly<Record<string, object>> = {
  command: {
    reply: { id: '9', components: [{ custom_id: 'create' }, { custom_id: 'confirm' }, { custom_id: 'server key' }] },
  },
  press: { modal: { custom_id: 'form', components: [{ custom_id: 'field' }] } },
  modal: {},
  autocomplete: { choices: [{ value: 'octo-org/website' }] },
};

let stop: () => void = () => {};
afterEach(() => stop());

/** Drivers that answer the first calls otherwise; returns the address and what was called. */
async function startDrivers(first: { status: number; body: object }[]) {
  const called: string[] = [];
  const server = createServer((request, response) => {
    const path = request.url?.split('/').at(-1) ?? '';
    called.push(path);
    const { status, body } = first.shift() ?? { status: 200, body: ANSWERS[path] ?? {} };
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  }).listen(0, '127.0.0.1');
  await new Promise((resume) => server.once('listening', resume));
  stop = () => server.close();
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, called };
}

const WHOLE = ['command', 'press', 'press', 'command', 'press', 'modal', 'autocomplete', 'command'];

test('a bot that is too slow at first is asked again, until the server is set up', async () => {
  const { origin, called } = await startDrivers([UNANSWERED, UNANSWERED]);
  await setUp(origin, FIRST_START);
  expect(called).toEqual(['command', 'command', ...WHOLE]);
});

test('what is refused is not asked again, and is said with what was answered', async () => {
  const { origin, called } = await startDrivers([{ status: 400, body: { error: 'no such command' } }]);
  await expect(setUp(origin, FIRST_START)).rejects.toThrow(
    /could not set itself up: command answered .*no such command/,
  );
  expect(called).toEqual(['command']);
});
