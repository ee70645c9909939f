import { describe, expect, it } from 'vitest';
import { type Json, JULES_CHANNEL, stages } from './support.ts';

const stage = stages({ limits: { activeThreads: 2 } });

const path = `/channels/${JULES_CHANNEL}/messages`;
const post = (body: object = { content: 'x' }) => stage().call('POST', path, body);
const lose = (...permissions: string[]) =>
  stage().drive('faults', { channel: 'jules', do: 'forbid', permissions, limits: 'off' });
const refusal = async (promise: Promise<{ status: number; body: Json }>) => {
  const { status, body } = await promise;
  return [status, body.code];
};
const embed = { title: 'Task' };

/** A thread of its own, with one message. */
async function workInThread() {
  const { call } = stage();
  const { body: thread } = await call('POST', `/channels/${JULES_CHANNEL}/threads`, { name: 'work', type: 11 });
  const say = () => call('POST', `/channels/${thread.id}/messages`, { content: 'step' });
  const { body: note } = await say();
  const edit = () => call('PATCH', `/channels/${thread.id}/messages/${note.id}`, { content: 'other' });
  return { thread, say, edit, reopen: () => call('PATCH', `/channels/${thread.id}`, { archived: false }) };
}

describe('permissions', () => {
  it('a hidden channel is missing access for everything', async () => {
    const { body } = await post();
    await lose('VIEW_CHANNEL');
    expect(await refusal(post())).toEqual([403, 50001]);
    expect(await refusal(stage().call('PATCH', `${path}/${body.id}`, { content: 'y' }))).toEqual([403, 50001]);
    expect(await refusal(stage().call('GET', path))).toEqual([403, 50001]);
    expect(await refusal(stage().call('POST', `${path}/${body.id}/threads`, { name: 't' }))).toEqual([403, 50001]);
  });

  it('writing in a channel, making a thread and writing in it are three permissions', async () => {
    const { say } = await workInThread();
    const { body } = await post();
    const start = (id: string) => stage().call('POST', `${path}/${id}/threads`, { name: 'task' });
    await lose('SEND_MESSAGES');
    expect(await refusal(post())).toEqual([403, 50013]);
    expect((await say()).status).toBe(200);
    await lose('SEND_MESSAGES_IN_THREADS');
    expect(await refusal(say())).toEqual([403, 50013]);
    expect((await post()).status).toBe(200);
    await lose('CREATE_PUBLIC_THREADS');
    expect(await refusal(start(body.id))).toEqual([403, 50013]);
    expect((await say()).status).toBe(200);
  });

  it('without EMBED_LINKS embeds vanish beside words, and nothing but embeds is refused', async () => {
    const { body: card } = await post({ content: 'card', embeds: [embed] });
    await lose('EMBED_LINKS');
    expect((await post({ content: 'words', embeds: [embed] })).body).toMatchObject({ content: 'words', embeds: [] });
    expect(await refusal(post({ embeds: [embed] }))).toEqual([403, 50013]);
    const edit = (body: object) => stage().call('PATCH', `${path}/${card.id}`, body);
    expect((await edit({ content: 'words', embeds: [embed] })).body.embeds).toEqual([]);
    expect(await refusal(edit({ content: '', embeds: [embed] }))).toEqual([400, 50006]);
  });

  it('without READ_MESSAGE_HISTORY nothing is listed, and nothing can be answered', async () => {
    const { body } = await post();
    const answer = { content: 'done', message_reference: { message_id: body.id, fail_if_not_exists: false } };
    expect((await post(answer)).status).toBe(200);
    await lose('READ_MESSAGE_HISTORY');
    expect((await stage().call('GET', path)).body).toEqual([]);
    expect(await refusal(stage().call('GET', `${path}/${body.id}`))).toEqual([403, 50001]);
    expect(await refusal(post(answer))).toEqual([403, 160002]);
    expect((await post()).status).toBe(200);
  });

  it('without ATTACH_FILES a file is refused', async () => {
    await lose('ATTACH_FILES');
    const files = [{ name: 'a.txt', data: Buffer.from('a') }];
    await expect(stage().api.channels.createMessage(JULES_CHANNEL, { content: 'x', files })).rejects.toMatchObject({
      status: 403,
      code: 50013,
    });
  });
});

describe('threads', () => {
  it('an archived one takes no edit, and is revived by a message', async () => {
    const { say, edit, thread } = await workInThread();
    await stage().drive('faults', { channel: 'work', do: 'archive' });
    expect(await refusal(edit())).toEqual([400, 50083]);
    expect((await say()).status).toBe(200);
    expect((await stage().call('GET', `/channels/${thread.id}`)).body.thread_metadata.archived).toBe(false);
    expect((await edit()).status).toBe(200);
  });

  it('a locked one takes nothing, and is opened by its managers alone', async () => {
    const { say, edit, reopen } = await workInThread();
    await stage().drive('faults', { channel: 'work', do: 'lock' });
    expect(await refusal(edit())).toEqual([400, 50083]);
    expect(await refusal(say())).toEqual([400, 160005]);
    expect(await refusal(reopen())).toEqual([403, 50013]);
    await stage().drive('faults', { channel: 'work', do: 'unlock' });
    expect([(await say()).status, (await edit()).status]).toEqual([200, 200]);
  });

  it('the bot reopens an archived one itself, unless it may not write there', async () => {
    const { reopen } = await workInThread();
    await stage().drive('faults', { channel: 'work', do: 'archive' });
    await lose('SEND_MESSAGES_IN_THREADS');
    expect(await refusal(reopen())).toEqual([403, 50013]);
    await stage().drive('faults', { channel: 'jules', do: 'allow' });
    expect((await reopen()).body.thread_metadata.archived).toBe(false);
  });

  it('a server has room for so many active ones', async () => {
    await workInThread();
    await workInThread();
    const { body } = await post();
    const start = () => stage().call('POST', `${path}/${body.id}/threads`, { name: 'task' });
    expect(await refusal(start())).toEqual([400, 160006]);
    await stage().drive('faults', { channel: 'work', do: 'archive' });
    expect((await start()).status).toBe(201);
    expect(await refusal(start())).toEqual([400, 160004]);
  });
});

describe('nonces', () => {
  const card = { content: 'card', nonce: 'n1', enforce_nonce: true };

  it('belong to the author, whatever the channel, for a few minutes', async () => {
    const { body: first } = await post(card);
    const { body: again } = await stage().call('POST', '/channels/1190000000000000032/messages', card);
    expect([again.id, again.channel_id]).toEqual([first.id, JULES_CHANNEL]);
    await stage().drive('faults', { age: 6 * 60_000 });
    expect((await post(card)).body.id).not.toBe(first.id);
  });

  it('of a message that was deleted give an unknown message', async () => {
    const { body } = await post(card);
    await stage().drive('faults', { delete_message: body.id });
    expect(await refusal(post(card))).toEqual([404, 10008]);
    expect(await refusal(stage().call('PATCH', `${path}/${body.id}`, { content: 'y' }))).toEqual([404, 10008]);
  });
});
