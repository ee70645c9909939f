import { describe, expect, it } from 'vitest';
import { APPROVER, APPROVER_ROLE, JULES_CHANNEL, REQUESTER, stages } from './support.ts';

const stage = stages();

const post = (body: object) => stage().call('POST', `/channels/${JULES_CHANNEL}/messages`, body);
const refusal = async (promise: Promise<{ status: number; body: { code: number } }>) => {
  const { status, body } = await promise;
  return [status, body.code];
};

describe('messages', () => {
  it('a wrong token is refused', async () => {
    const answer = await fetch(`${stage().apiBase}/v10/users/@me`, { headers: { authorization: 'Bot wrong' } });
    expect([answer.status, await answer.json()]).toEqual([401, { message: '401: Unauthorized', code: 0 }]);
  });

  it('a message pings people, roles and everyone unless that is forbidden', async () => {
    const content = `<@${APPROVER}> <@&${APPROVER_ROLE}> @everyone`;
    const loud = await post({ content });
    expect(loud.body.mentions.map(({ id }: { id: string }) => id)).toEqual([APPROVER]);
    expect([loud.body.mention_roles, loud.body.mention_everyone]).toEqual([[APPROVER_ROLE], true]);
    const silent = await post({ content, allowed_mentions: { parse: [] } });
    expect([silent.body.mentions, silent.body.mention_roles, silent.body.mention_everyone]).toEqual([[], [], false]);
    const one = await post({
      content: `<@${REQUESTER}> ${content}`,
      allowed_mentions: { parse: [], users: [REQUESTER] },
    });
    expect(one.body.mentions.map(({ id }: { id: string }) => id)).toEqual([REQUESTER]);
  });

  it('an edit without allowed_mentions pings again', async () => {
    const first = await post({ content: '@everyone', allowed_mentions: { parse: [] } });
    const path = `/channels/${JULES_CHANNEL}/messages/${first.body.id}`;
    expect((await stage().call('PATCH', path, { content: '@everyone!' })).body.mention_everyone).toBe(true);
  });

  it('the same nonce gives the first message again, when it is enforced', async () => {
    const body = { content: 'card', nonce: 'n1', enforce_nonce: true };
    const [first, second] = [await post(body), await post(body)];
    expect(second.body.id).toBe(first.body.id);
    const third = await post({ content: 'card', nonce: 'n1' });
    expect(third.body.id).not.toBe(first.body.id);
  });

  it('what Discord refuses is refused in its words', async () => {
    await stage().drive('faults', { limits: 'off' });
    expect(await refusal(post({ content: '' }))).toEqual([400, 50006]);
    expect(await refusal(post({ content: 'x'.repeat(2001) }))).toEqual([400, 50035]);
    expect(await refusal(post({ content: 'x', flags: 64 }))).toEqual([400, 50035]);
    expect(await refusal(post({ embeds: [{ title: 'x'.repeat(257) }] }))).toEqual([400, 50035]);
    const long = { description: 'x'.repeat(4000) };
    expect(await refusal(post({ embeds: [long, long] }))).toEqual([400, 50035]);
    const row = (...ids: string[]) => ({
      type: 1,
      components: ids.map((custom_id) => ({ type: 2, style: 1, label: 'Go', custom_id })),
    });
    expect(await refusal(post({ content: 'x', components: [row('a', 'a')] }))).toEqual([400, 50035]);
    expect(await refusal(post({ content: 'x', components: [{ type: 10, content: 'V2' }] }))).toEqual([400, 50035]);
    const exclusive = { parse: ['users'], users: [APPROVER] };
    expect(await refusal(post({ content: 'x', allowed_mentions: exclusive }))).toEqual([400, 50035]);
    expect(await refusal(stage().call('POST', '/channels/1/messages', { content: 'x' }))).toEqual([404, 10003]);
    const gone = `/channels/${JULES_CHANNEL}/messages/1`;
    expect(await refusal(stage().call('PATCH', gone, { content: 'x' }))).toEqual([404, 10008]);
  });

  it('a key that Discord would ignore in silence is refused', async () => {
    const { status, body } = await post({ content: 'x', allowedMentions: {} });
    expect([status, body.code, Object.keys(body.errors)]).toEqual([400, 50035, ['allowedMentions']]);
    const { requests, refused } = await stage().state();
    expect(requests.at(-1).verdict).toEqual({ ok: false, errors: [expect.stringContaining('body.allowedMentions: ')] });
    expect(refused).toMatchObject({ count: 1, first: [{ body: { content: 'x', allowedMentions: {} } }] });
  });

  it('a page of messages is read before, after and around another', async () => {
    const ids: string[] = [];
    for (const content of ['a', 'b', 'c', 'd']) ids.push((await post({ content })).body.id);
    const list = async (query: string) => {
      const { body } = await stage().call('GET', `/channels/${JULES_CHANNEL}/messages?${query}`);
      return body.map(({ content }: { content: string }) => content).join('');
    };
    expect(await list('limit=2')).toBe('dc');
    expect(await list(`before=${ids[2]}`)).toBe('ba');
    expect(await list(`after=${ids[0]}&limit=2`)).toBe('cb');
    expect(await list(`around=${ids[1]}&limit=3`)).toBe('cba');
  });

  it('a thread grows from a message once, and its id is the message’s', async () => {
    const { body: card } = await post({ content: 'card' });
    const path = `/channels/${JULES_CHANNEL}/messages/${card.id}/threads`;
    const thread = await stage().call('POST', path, { name: 'task' });
    expect([thread.status, thread.body.id, thread.body.parent_id]).toEqual([201, card.id, JULES_CHANNEL]);
    expect(await refusal(stage().call('POST', path, { name: 'task' }))).toEqual([400, 160004]);
    expect((await stage().call('POST', `/channels/${card.id}/messages`, { content: 'step' })).status).toBe(200);
  });

  it('an archived thread refuses edits and is revived by a message', async () => {
    const { call, drive } = stage();
    const { body: thread } = await call('POST', `/channels/${JULES_CHANNEL}/threads`, { name: 'work', type: 11 });
    const { body: note } = await call('POST', `/channels/${thread.id}/messages`, { content: 'one' });
    await drive('faults', { channel: 'work', do: 'archive' });
    const edit = call('PATCH', `/channels/${thread.id}/messages/${note.id}`, { content: 'two' });
    expect(await refusal(edit)).toEqual([400, 50083]);
    await call('POST', `/channels/${thread.id}/messages`, { content: 'two' });
    expect((await call('GET', `/channels/${thread.id}`)).body.thread_metadata.archived).toBe(false);
  });

  it('a direct message reaches a person, unless that person takes none', async () => {
    const { api, drive, state } = stage();
    const { id } = await api.users.createDM(REQUESTER);
    await api.channels.createMessage(id, { content: 'rejected' });
    expect((await state()).channels.find((one: { id: string }) => one.id === id)).toMatchObject({
      type: 1,
      name: 'requester',
      recipients: [{ id: REQUESTER }],
    });
    await drive('faults', { dms: 'closed', for: 'requester' });
    await expect(api.channels.createMessage(id, { content: 'again' })).rejects.toMatchObject({ code: 50007 });
  });

  it('files come with a message and are served again', async () => {
    const { api, state } = stage();
    const files = [{ name: 'changes.diff', data: Buffer.from('+ line'), contentType: 'text/plain' }];
    await api.channels.createMessage(JULES_CHANNEL, { content: 'diff', files });
    const [attachment] = (await state()).messages.at(-1).attachments;
    expect(attachment).toMatchObject({ filename: 'changes.diff', size: 6 });
    expect(await (await fetch(attachment.url)).text()).toBe('+ line');
  });

  it('a lost permission, a hidden and a deleted channel are told apart', async () => {
    const { drive } = stage();
    await drive('faults', { channel: 'jules', do: 'forbid' });
    expect(await refusal(post({ content: 'x' }))).toEqual([403, 50013]);
    await drive('faults', { channel: 'jules', do: 'forbid', permissions: ['VIEW_CHANNEL'] });
    expect(await refusal(post({ content: 'x' }))).toEqual([403, 50001]);
    await drive('faults', { channel: 'jules', do: 'allow' });
    expect((await post({ content: 'x' })).status).toBe(200);
    await drive('faults', { channel: 'jules', do: 'delete' });
    expect(await refusal(post({ content: 'x' }))).toEqual([404, 10003]);
  });

  it('a reaction is answered without a body', async () => {
    const { api, state } = stage();
    const { id } = await api.channels.createMessage(JULES_CHANNEL, { content: 'x' });
    await api.channels.addMessageReaction(JULES_CHANNEL, id, '✅');
    expect((await state()).messages.at(-1).reactions).toEqual([{ emoji: { id: null, name: '✅' }, count: 1 }]);
  });
});
