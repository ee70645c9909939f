import { Refusal } from '#kernel/errors.ts';
import { everyComponent } from '#sandbox/discord/components.ts';
import type { CrowdGuild } from '#sandbox/discord/crowd.ts';
import type { Interact, Outcome } from '#sandbox/discord/interact.ts';
import type { Component, Message } from '#sandbox/discord/model.ts';
import type { World } from '#sandbox/discord/world.ts';
import type { Seeded } from '../support/seeded.ts';
import type { Deed } from './truth.ts';

/** What somebody wants of a task, besides that it is done. It stands in the prompt. */
const KINDS = {
  plain: 5,
  read: 2,
  changes: 2,
  question: 3,
  reply: 2,
  follow: 2,
  cancel: 1,
  stop: 1,
  reject: 1,
} as const;
type Kind = keyof typeof KINDS;
const DECK = Object.entries(KINDS).flatMap(([kind, weight]) => Array.from({ length: weight }, () => kind as Kind));

const UUID_CHARS = 36;
const PROMPT = /Chaos (\d+) (\w+);/;
const promptOf = (nth: number, kind: Kind) =>
  `Chaos ${nth} ${kind}; mend it${kind === 'question' ? ' sandbox:question' : ''}`;

type Heard = Pick<Deed, 'heard' | 'words'> & Outcome;

export type PeopleDeps = {
  readonly world: World;
  readonly interact: Interact;
  readonly guilds: readonly CrowdGuild[];
  readonly random: Seeded;
  readonly keep: (deed: Deed) => void;
};

const pause = (ms: number) => new Promise((resume) => setTimeout(resume, ms));

/** A promise is what says that something was kept, or changes the card by and by. */
const TAKEN = /recorded\. |starts\.|^📨 Kept|is cancelled|^$/u;
/** Nobody knows whether it counted, as without an answer. */
const UNSURE = /^Not recorded/;

async function hear(doing: Promise<Outcome>): Promise<Heard> {
  try {
    const outcome = await doing;
    const words = outcome.reply?.visible_to === undefined ? '' : outcome.reply.content;
    const heard = UNSURE.test(words) ? 'nothing' : TAKEN.test(words) ? 'taken' : 'refused';
    return { ...outcome, heard, words };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    // A dialog or a button may be gone before somebody comes to it.
    return { heard: error.code === 'no_answer' ? 'nothing' : 'refused', words: error.sentence };
  }
}

const idIn = (components: readonly Component[], matches: RegExp) =>
  everyComponent(components).find(({ custom_id, disabled }) => !disabled && matches.test(custom_id ?? ''))?.custom_id;

/** What is done about a card that says this: which button, who presses it, and what is written, if anything. */
type Move = {
  readonly says: RegExp;
  readonly button: string;
  readonly by: 'requester' | 'approver';
  readonly only?: readonly Kind[];
  readonly not?: readonly Kind[];
  readonly writes?: string;
  /** Once in the life of a task; others as often as the card asks for it. */
  readonly isOnce?: boolean;
};

const MOVES: readonly Move[] = [
  { says: /^🧠/, button: 'cancel', by: 'requester', only: ['cancel'] },
  { says: /^🧠/, button: 'reject', by: 'approver', only: ['reject'], writes: 'Not today' },
  { says: /^🧠/, button: 'confirm', by: 'approver', not: ['cancel', 'reject'] },
  { says: /^📝/, button: 'ask_changes', by: 'approver', only: ['changes'], writes: 'Change', isOnce: true },
  { says: /^📝/, button: 'approve_plan', by: 'approver' },
  { says: /^⌛ The plan/, button: 'plan_again', by: 'approver' },
  { says: /^❓/, button: 'answer', by: 'requester', writes: 'Answer' },
  { says: /working/, button: 'cancel', by: 'requester', only: ['stop'], isOnce: true },
  { says: /working/, button: 'reply', by: 'requester', only: ['reply'], writes: 'Reply', isOnce: true },
  { says: /^✅/, button: 'follow_up', by: 'requester', only: ['follow'], writes: 'Follow-up', isOnce: true },
  { says: /^⚠️ Not sure/, button: 'cancel', by: 'requester' },
];
const OVER = /^(✅|📦|📭|🚫|⛔|❌|⌛ Task)/;

type Follows = { readonly nth: number; readonly kind: string; readonly asker: string };

const isMeant = ({ says, only, not }: Move, title: string, kind: string) =>
  says.test(title) && (only?.some((one) => one === kind) ?? true) && !not?.some((one) => one === kind);

/** Somebody who looks after one card until it says how it ended. */
function follower({ interact, guilds, random, keep }: PeopleDeps) {
  const note = (deed: Pick<Deed, 'kind' | 'what'>, button: string, { heard, words }: Heard) => {
    const [, verb, target = ''] = button.split(':');
    keep({ at: Date.now(), ...deed, verb, task: target.slice(0, UUID_CHARS), heard, words });
  };

  async function write(who: string, modal: NonNullable<Outcome['modal']>, text: string): Promise<Heard> {
    const field = idIn(modal.components, /./);
    const heard = await hear(interact.submit({ as: who, custom_id: modal.custom_id, fields: { [field ?? '']: text } }));
    note({ kind: 'told', what: text }, modal.custom_id, heard);
    return heard;
  }

  async function make(move: Move, card: Message, task: { readonly asker: string; readonly text: string }) {
    const guild = guilds.find(({ channels }) => channels.some(({ id }) => id === card.channel_id));
    const who = move.by === 'approver' ? random.pick(guild?.approvers ?? []) : task.asker;
    const button = idIn(card.components, new RegExp(`^v1:${move.button}:`));
    if (button === undefined) return undefined;
    const heard = await hear(interact.press({ as: who, message: card.id, custom_id: button }));
    if (move.writes && heard.modal) return write(who, heard.modal, task.text);
    note({ kind: 'pressed', what: move.button }, button, heard);
    return heard;
  }

  return async function follow(card: Message, { nth, kind, asker }: Follows) {
    const made = new Map<string, number>();
    const taken = new Set<string>();
    const isOpen = (move: Move, shown: string) =>
      !taken.has(`${move.button} ${shown}`) && !(move.isOnce && taken.has(move.button));

    async function act(move: Move, shown: string): Promise<void> {
      const { button, writes } = move;
      const count = (made.get(button) ?? 0) + 1;
      made.set(button, count);
      const heard = await make(move, card, { asker, text: `${writes} ${count} of chaos ${nth}` });
      // Whoever was answered waits for the card to change; what was refused is over, or comes too early.
      if (heard && heard.heard !== 'nothing') taken.add(`${button} ${shown}`);
      if (heard?.heard === 'taken') taken.add(button);
    }

    for (;;) {
      await pause(100 + random.below(200));
      const title = card.embeds[0]?.title ?? '';
      const shown = JSON.stringify(card.components);
      const move = MOVES.find((one) => isMeant(one, title, kind) && isOpen(one, shown));
      if (move) await act(move, shown);
      else if (OVER.test(title)) return;
    }
  };
}

export type PeopleState = { readonly asked: number; readonly recorded: number; readonly open: number };

/** A crowd that keeps so many tasks open, and looks after each. */
export function startPeople(deps: PeopleDeps) {
  const { world, interact, guilds, random, keep } = deps;
  const follow = follower(deps);
  const askers = new Map<number, string>();
  const failed = Promise.withResolvers<never>();
  /** Told that it is recorded, and its card is not there yet. */
  const waiting = new Set<number>();
  const met = new Set<number>();
  let [asked, recorded, open, asking, last, isAsking] = [0, 0, 0, 0, 0, false];
  const busy = () => open + asking + waiting.size;

  async function ask(nth: number): Promise<void> {
    const [kind, guild] = [random.pick(DECK), random.pick(guilds)];
    const [as, channel] = [random.pick(guild.members), random.pick(guild.channels).id];
    askers.set(nth, as);
    const prompt = promptOf(nth, kind);
    const plan = kind === 'read' || kind === 'changes' ? { plan: 'read' } : {};
    const { heard, words } = await hear(interact.command({ as, name: 'jules', options: { prompt, ...plan }, channel }));
    asked += 1;
    if (heard === 'taken') recorded += 1;
    if (heard === 'taken' && !met.has(nth)) waiting.add(nth);
    keep({ at: Date.now(), kind: 'asked', what: prompt, heard, words });
  }

  const seen = new Set<string>();
  /** Cards are there for those who asked and those who heard nothing alike. */
  function meet(message: Message): void {
    const [, number = '', kind = ''] = PROMPT.exec(JSON.stringify(message.embeds[0]?.fields ?? [])) ?? [];
    if (!kind || seen.has(message.id)) return;
    seen.add(message.id);
    met.add(Number(number));
    waiting.delete(Number(number));
    open += 1;
    follow(message, { nth: Number(number), kind, asker: askers.get(Number(number)) ?? '' })
      .then(() => (open -= 1))
      .catch(failed.reject);
  }
  world.listeners.add(({ t, d }) => {
    const message = t === 'MESSAGE_CREATE' && world.messages.get((d as { id: string }).id);
    if (message && message.author.id === world.bot.id && message.visible_to === undefined) meet(message);
  });

  async function keepAsking(atOnce: number): Promise<void> {
    isAsking = true;
    while (isAsking) {
      await pause(20 + random.below(60));
      if (busy() >= atOnce) continue;
      asking += 1;
      last += 1;
      ask(last)
        .then(() => (asking -= 1))
        .catch(failed.reject);
    }
  }

  return {
    failed: failed.promise,
    begin: (atOnce: number) => void keepAsking(atOnce).catch(failed.reject),
    end: () => {
      isAsking = false;
    },
    state: (): PeopleState => ({ asked, recorded, open: busy() }),
  };
}
