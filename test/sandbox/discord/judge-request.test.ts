import { describe, expect, it } from 'vitest';
import { invalidForm } from '#sandbox/discord/errors.ts';
import { APP, JULES_CHANNEL, stages } from './support.ts';

const stage = stages();

const MESSAGES = `/channels/${JULES_CHANNEL}/messages`;
const COMMAND = { name: 'jules', description: 'Ask Jules' };

const lastRequest = async () => (await stage().state()).requests.at(-1);
const refusedNow = async () => (await stage().state()).refused;

/** An interaction that was answered, by its token. */
async function answered(content: string): Promise<string> {
  const heard = Promise.withResolvers<string>();
  await stage().login(async ({ id, token }, api) => {
    await api.interactions.reply(id, token, { content });
    heard.resolve(token);
  });
  await stage().call('PUT', `/applications/${APP}/commands`, [COMMAND]);
  await stage().drive('command', { as: 'requester', name: 'jules' });
  return heard.promise;
}

describe('a request is judged', () => {
  it('by what its message would be: an edit by what it leaves, a follow-up by itself', async () => {
    const webhook = `/webhooks/${APP}/${await answered('Recorded')}`;
    const edit = (body: object) => stage().call('PATCH', `${webhook}/messages/@original`, body);
    expect((await edit({ flags: 4 })).status).toBe(200);
    expect((await edit({ content: '' })).body).toEqual({ code: 50006, message: 'Cannot send an empty message' });
    expect((await stage().call('POST', webhook, {})).body.code).toBe(50006);
    expect((await refusedNow()).count).toBe(2);
  });

  it('in Discord’s own shape, with every mistake in its place', async () => {
    const { status, body } = await stage().call('POST', MESSAGES, {
      content: 'x'.repeat(2001),
      components: [{ type: 1, components: [{ type: 2, style: 1, label: 'Go' }] }],
    });
    expect([status, body]).toEqual([
      400,
      {
        code: 50035,
        message: 'Invalid Form Body',
        errors: {
          content: { _errors: [{ code: 'BASE_TYPE_MAX_LENGTH', message: 'Must be 2000 or fewer in length.' }] },
          components: {
            0: {
              components: {
                0: {
                  custom_id: {
                    _errors: [{ code: 'BUTTON_COMPONENT_CUSTOM_ID_REQUIRED', message: 'A custom id is required' }],
                  },
                },
              },
            },
          },
        },
      },
    ]);
    expect((await lastRequest()).verdict.errors).toEqual([
      'body.content: Must be 2000 or fewer in length.',
      'body.components.0.components.0.custom_id: A custom id is required',
    ]);
  });

  it('and names a mistake by its key, whatever every object has by that name', async () => {
    for (const key of ['constructor', 'toString']) {
      const { status, body } = await stage().call('POST', MESSAGES, JSON.parse(`{"content": "x", "${key}": {"x": 1}}`));
      expect([status, Object.entries(body.errors)]).toEqual([
        400,
        [[key, { _errors: [expect.objectContaining({ code: 'SANDBOX_UNKNOWN_KEY' })] }]],
      ]);
    }
    const { body } = invalidForm([{ path: ['__proto__', 'x'], code: 'C', message: 'm' }]);
    expect(JSON.stringify(body)).toContain('"errors":{"__proto__":{"x":{"_errors":[');
    expect(Object.hasOwn(Object, '_errors') || Object.hasOwn(Object.prototype, '_errors')).toBe(false);
  });

  it('also where the sandbox knows no such call, or one that takes no body', async () => {
    expect((await stage().call('POST', '/nowhere', { x: 1 })).status).toBe(404);
    expect((await lastRequest()).verdict).toEqual({ ok: false, errors: ['The sandbox does not know this call.'] });
    expect((await stage().call('POST', `/channels/${JULES_CHANNEL}/typing`, { x: 1 })).status).toBe(400);
    expect((await lastRequest()).verdict.ok).toBe(false);
    expect((await stage().call('POST', `/channels/${JULES_CHANNEL}/typing`)).status).toBe(204);
    expect((await refusedNow()).count).toBe(2);
  });

  it('and refused where Discord would do it but the sandbox would leave it out', async () => {
    const poll = { question: { text: 'Which?' }, answers: [{ poll_media: { text: 'a' } }] };
    const { status, body } = await stage().call('POST', MESSAGES, { content: 'x', poll });
    expect([status, body.errors.poll._errors[0].message]).toEqual([400, 'The sandbox does not simulate "poll".']);
    expect((await lastRequest()).verdict.ok).toBe(false);
  });

  it('with its files: a form without words is a message, one that cannot be read is none', async () => {
    const { apiBase, discord } = stage();
    const send = (body: FormData | string, headers: Record<string, string> = {}) =>
      fetch(`${apiBase}/v10${MESSAGES}`, {
        method: 'POST',
        headers: { authorization: `Bot ${discord.token}`, ...headers },
        body,
      });
    const form = new FormData();
    form.set('payload_json', JSON.stringify({ attachments: [{ id: 0, filename: 'a.diff' }] }));
    form.set('files[0]', new Blob(['+ line']), 'a.diff');
    expect((await send(form)).status).toBe(200);
    expect((await send('nonsense', { 'content-type': 'multipart/form-data; boundary=x' })).status).toBe(400);
  });

  it('and counted for ever, though the log forgets', async () => {
    await stage().drive('faults', { limits: 'off' });
    for (let nth = 0; nth < 25; nth += 1) await stage().call('POST', MESSAGES, { content: 5 });
    const { count, first } = await refusedNow();
    expect([count, first.length]).toEqual([25, 20]);
  });
});
