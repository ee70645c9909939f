import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openStage, type Stage } from './stage.ts';

let stage: Stage;
beforeEach(async () => {
  stage = await openStage();
});
afterEach(() => stage.close());

const titleOf = (message: { embeds: readonly { title?: string | undefined }[] } | undefined) =>
  message?.embeds[0]?.title;

describe('the straight path', () => {
  test('a card is posted once, however often its subject is shown', async () => {
    const task = await stage.aTask();
    expect(await stage.bot.show(task.id)).toEqual({ kind: 'done' });
    expect(await stage.bot.show(task.id)).toEqual({ kind: 'done' });
    const messages = stage.messagesIn(stage.channel.id);
    expect(messages.map(titleOf)).toEqual(['🧠 New Jules Task Requested']);
    expect(stage.asked('PATCH', /messages/)).toHaveLength(0);
  });
});
