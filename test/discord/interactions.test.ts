import { describe, expect, it } from 'vitest';
import { toResponse } from '#discord/reply.ts';
import { RemoteFailure } from '#kernel/errors.ts';
import type { Rpc } from '#kernel/rpc.ts';
import { aCommand, aModal, anInteraction, aPress, aTyping, here, PEOPLE } from '../support/interaction.ts';
import { aDoor, readReply } from './setting.ts';

const asked = () => aCommand(PEOPLE.requester, 'jules', { prompt: 'Fix it' });
const away = new RemoteFailure('gone', { service: 'database', code: 'CONNECTION_CLOSED', retry: 'soon' });
const failing =
  (error: unknown): Rpc =>
  () =>
    Promise.reject(error);

describe('where the database', () => {
  it('does not answer in time, a person is told that nothing is recorded, and the call is cancelled', async () => {
    let signal: AbortSignal | undefined;
    const silent: Rpc = (_name, _args, options) => {
      signal = options?.signal;
      return new Promise(() => {});
    };
    const reply = await aDoor(silent, { answerMs: 20 }).say(asked());
    expect(reply).toMatchObject({ kind: 'message', ephemeral: true, refused: 'database_late' });
    expect(readReply(reply)).toMatch(/^Not recorded.*Ask again in a minute; if a card appears after all, it counts/);
    expect(signal?.aborted).toBe(true);
  });

  it('fails, a person is told the same, and the log why', async () => {
    const { say, lines } = aDoor(failing(away));
    expect(readReply(await say(asked()))).toMatch(/^Not recorded/);
    expect(lines.map(({ msg }) => msg)).toEqual(['interaction failed', 'interaction']);
    expect(lines.at(-1)).toMatchObject({ outcome: 'database_away', command: '/jules', operation: 'task.create' });
  });

  const task = '6f1c2f0e-6d2c-4a57-9f0a-0c9f7a1f2b3c';
  it.each([
    ['a press that decides', () => aPress(PEOPLE.approver, `v1:confirm:${task}`), /Press again .*; the card shows/],
    ['a press that cancels', () => aPress(PEOPLE.requester, `v1:cancel:${task}`), /Press again .*; the card shows/],
    ['a press that shows', () => aPress(PEOPLE.requester, `v1:prompt:${task}`), /^Not shown: .* Press again/],
    ['a select', () => aPress(PEOPLE.admin, 'v1:roles:create', []), /Open this panel again .* it shows what counted/],
    [
      'a reason',
      () => aModal(PEOPLE.approver, `v1:reject-reason:${task}`, 'no'),
      /Press Reject again .* the card shows/,
    ],
    [
      'a key',
      () => aModal(PEOPLE.admin, 'v1:key-enter:server', 'k'.repeat(30)),
      /`\/config key` .* which key is stored/,
    ],
    ['a panel', () => aCommand(PEOPLE.admin, 'config roles'), /^Not shown: .* Ask again in a minute\.$/],
    ['a setting', () => aCommand(PEOPLE.admin, 'config repo', { repo: 'acme/site' }), /without options, the command/],
  ])('fails or is late, %s is told where it shows whether it counted', async (_what, payload, words) => {
    const failed = readReply(await aDoor(failing(away)).say(payload()));
    expect(failed).toMatch(/^Not (?:recorded|shown): the database did not answer in time\./);
    expect(failed).toMatch(words);
    expect(readReply(await aDoor(() => new Promise(() => {}), { answerMs: 20 }).say(payload()))).toBe(failed);
    expect(failed).not.toContain('if a card appears');
  });

  it('fails while somebody types, there are no choices and no message', async () => {
    const reply = await aDoor(failing(away)).say(aTyping(PEOPLE.requester, 'jules', { repo: 'a' }, 'repo'));
    expect(toResponse(reply)).toEqual({ type: 8, data: { choices: [] } });
  });

  it('cannot even keep a refusal, the refusal is said all the same', async () => {
    const { say, lines } = aDoor(failing(away));
    const reply = await say(aCommand(PEOPLE.requester, 'jules', { prompt: ' ' }));
    expect(reply).toMatchObject({ refused: 'empty_prompt' });
    expect(lines[0]).toMatchObject({ msg: 'refusal not audited', code: 'empty_prompt' });
  });
});

describe('a defect', () => {
  it('is told with a reference, and logged with it and the stack', async () => {
    const correlation = '7f3a1c2d-0000-4000-8000-000000000000';
    const { say, lines } = aDoor(failing(new TypeError('x is undefined')), { newCorrelation: () => correlation });
    const text = readReply(await say(asked()));
    expect(text).toMatch(/^Something broke in Verne, nothing you did\..*7f3a1c2d/);
    expect(text).not.toContain('x is undefined');
    expect(lines[0]).toMatchObject({ correlation, err: { message: 'x is undefined', stack: expect.any(String) } });
  });

  it('in a payload that nobody can read is one as well, and is not thrown', async () => {
    const { say } = aDoor(failing(away));
    for (const type of [2, 3, 4, 5]) {
      const reply = await say(anInteraction(PEOPLE.requester, type, { data: undefined }));
      expect(['message', 'choices']).toContain(reply.kind);
    }
    const nobody = await say({ ...asked(), member: undefined } as never);
    expect(nobody).toMatchObject({ refused: 'no_person' });
  });
});

describe('what is not known', () => {
  const { say } = aDoor(async () => ({ kind: 'recorded' }));

  it('as a command or subcommand is answered with a sentence', async () => {
    for (const name of ['fly', 'config fly', 'config']) {
      expect(await say(aCommand(PEOPLE.admin, name))).toMatchObject({ refused: 'unknown_command', ephemeral: true });
    }
  });

  it('as options of another version is answered with a sentence', async () => {
    expect(await say(aCommand(PEOPLE.admin, 'jules', { prompt: true }))).toMatchObject({ refused: 'outdated_command' });
  });

  it('a ping is answered as one', async () => {
    expect(toResponse(await say({ type: 1 } as never))).toEqual({ type: 1 });
  });
});

describe('the actor', () => {
  const seen: Record<string, unknown>[] = [];
  const spying: Rpc = async (_name, args) => {
    seen.push(args['actor'] as Record<string, unknown>);
    return { kind: 'no_key' };
  };

  it('is made of what Discord signed: roles, permissions, channel and its parent, door and command', async () => {
    const thread = { id: '1300000000000000005', type: 11, parent_id: '1300000000000000002' };
    await aDoor(spying).say(aCommand(PEOPLE.requester, 'jules', { prompt: 'x' }, { channel: thread }));
    expect(seen.at(-1)).toMatchObject({
      id: PEOPLE.requester.id,
      guild: here.guild,
      channel: thread.id,
      parent_channel: thread.parent_id,
      roles: [...PEOPLE.requester.roles, here.guild], // the last is @everyone
      admin: false,
      door: 'gateway',
      command: '/jules',
    });
  });

  it('is an admin by Manage Server or Administrator, and by nothing else', async () => {
    const isAdmin = async (permissions: bigint) => {
      await aDoor(spying).say(aCommand({ id: PEOPLE.admin.id, permissions }, 'jules', { prompt: 'x' }));
      return seen.at(-1)?.['admin'];
    };
    expect(await isAdmin(1n << 5n)).toBe(true);
    expect(await isAdmin(1n << 3n)).toBe(true);
    expect(await isAdmin(~((1n << 5n) | (1n << 3n)) & ((1n << 50n) - 1n))).toBe(false);
  });
});

it('a press that names no button is one of an unknown button, and no defect', async () => {
  const { say, lines } = aDoor(async () => ({ kind: 'recorded' }));
  const press = aPress(PEOPLE.requester, 'v1:confirm:x');
  Reflect.deleteProperty(press.data as object, 'custom_id');
  expect(await say(press)).toMatchObject({ kind: 'message', refused: 'unknown_button' });
  expect(lines.filter(({ level }) => Number(level) >= 50)).toEqual([]);
});
