import { expect } from 'vitest';
import type { Message, RunningSandbox } from './sandbox.ts';
import { cardOf, confirm, outcomesOf, type Story, sessionsOf, titleOf } from './story.ts';
import { buttonOf, fateOf, type Telling, tellFrom } from './teller.ts';

/**
 * People read a plan and approve it, answer a question, tell Jules something while it works, and have it go on when it is
 * done: by whatever door, over whatever transport.
 */
export async function tellCoreStory(sandbox: RunningSandbox, name: string): Promise<void> {
  const story: Story = { prompt: `${name}; sandbox:question` };
  const offering = (verb: string) =>
    sandbox.until(`a card that offers ${verb}`, (state) => {
      const card = cardOf(state, story);
      return card && buttonOf(card, verb) !== undefined && card;
    });
  const push = async (script: object) => {
    const [session] = sessionsOf(await sandbox.state(), story);
    await sandbox.drive('jules', { session: session?.id, ...script });
  };
  const texts: string[] = [];
  const tell = async (verb: Telling, card: Message) => {
    const text = `${name}, word ${texts.length + 1}.`;
    texts.push(text);
    expect(await tellFrom(sandbox, { card, verb, text })).toBe('kept');
    await sandbox.until(`"${text}" in the thread`, (state) => fateOf(state, { story, kind: verb, text }).told > 0);
  };

  await sandbox.drive('command', { as: 'requester', name: 'jules', options: { prompt: story.prompt, plan: 'read' } });
  await confirm(sandbox, story);
  const planned = await offering('approve_plan');
  expect(sessionsOf(await sandbox.state(), story).map(({ approved }) => approved)).toEqual([false]);
  await sandbox.drive('press', {
    as: 'approver',
    message: planned.id,
    custom_id: buttonOf(planned, 'approve_plan'),
  });
  await tell('answer', await offering('answer'));
  await offering('follow_up');
  // Back at work by itself, it stays there for as long as a slow machine needs.
  await push({ do: 'reopen' });
  await tell('reply', await offering('reply'));
  await push({ do: 'complete' });
  await tell('follow_up', await offering('follow_up'));
  await sandbox.until('its end', (state) => /^✅ PR ready/.test(titleOf(cardOf(state, story))));

  const state = await sandbox.state();
  expect(texts.map((text) => fateOf(state, { story, kind: '', text }))).toEqual(
    texts.map(() => ({ heard: 1, told: 1, givenBack: 0 })),
  );
  expect(sessionsOf(state, story).map(({ approved }) => approved)).toEqual([true]);
  const card = cardOf(state, story);
  const links = card ? outcomesOf(state, card).filter(({ content }) => content.startsWith('✅ PR ready')) : [];
  expect(links.length).toBeGreaterThanOrEqual(1);
}
