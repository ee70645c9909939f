import { type APIInteraction, InteractionType } from 'discord-api-types/v10';
import type { Keyring } from '#guilds/keyring.ts';
import { recordRefusal } from '#guilds/settings.ts';
import type { Actor } from '#kernel/actor.ts';
import { messageOf, Refusal, RemoteFailure } from '#kernel/errors.ts';
import type { Log } from '#kernel/log.ts';
import type { Rpc } from '#kernel/rpc.ts';
import type { InteractionFacts } from '#kernel/watch.ts';
import { actorOf, bitsOf, isThread } from './actor-of.ts';
import { type Asked, askedOf } from './asked.ts';
import type { Context } from './command.ts';
import { notRecorded } from './not-recorded.ts';
import { type Reply, refuse } from './reply.ts';
import { wholeText } from './whole-text.ts';
import { languageOf } from './words/language.ts';
import { sayRefusal } from './words/refusals.ts';
import { speaking, words } from './words/words.ts';

export type InteractionDeps = {
  readonly rpc: Rpc;
  readonly keyring: Keyring;
  /** Limits of a Jules account whose key is entered here. */
  readonly perDay: number;
  readonly atOnce: number;
  readonly log: Log;
  /** A person has an answer within this time, recorded or not. */
  readonly answerMs: number;
  readonly door: Actor['door'];
  readonly newCorrelation: () => string;
  readonly onAnswered?: (facts: InteractionFacts) => void;
};

type Heard = { readonly payload: APIInteraction; readonly asked: Asked; readonly correlation: string };

/** `late` where the time was over first; what still runs is told to stop, and what it throws is nobody's news any more. */
async function inTime(ms: number, run: (signal: AbortSignal) => Promise<Reply>): Promise<Reply | 'late'> {
  const controller = new AbortController();
  const { promise: over, resolve } = Promise.withResolvers<'late'>();
  const timer = setTimeout(() => {
    resolve('late');
    controller.abort();
  }, ms);
  const running = run(controller.signal);
  running.catch(() => {});
  try {
    return await Promise.race([running, over]);
  } finally {
    clearTimeout(timer);
  }
}

function contextOf(deps: InteractionDeps, { payload, asked, correlation }: Heard, signal: AbortSignal): Context {
  const rpc: Rpc = (name, args, options) => deps.rpc(name, args, { ...options, signal });
  const { keyring, perDay, atOnce } = deps;
  return {
    rpc,
    keys: { rpc, keyring, perDay, atOnce },
    actor: actorOf(payload, { door: deps.door, command: asked.command, correlation }),
    interactionId: payload.id,
    appPermissions: bitsOf(payload.app_permissions),
    isThread: isThread(payload),
  };
}

/** A refusal of the door itself leaves its audit entry, like those of the database; without one it still is a refusal. */
async function refusedByDoor(deps: InteractionDeps, heard: Heard, refusal: Refusal): Promise<Reply> {
  const reply = refuse(refusal.code, sayRefusal(refusal));
  const kept = await inTime(deps.answerMs / 2, async (signal) => {
    const { rpc, actor } = contextOf(deps, heard, signal);
    await recordRefusal(rpc, actor, { operation: heard.asked.operation, code: refusal.code });
    return reply;
  }).catch((error: unknown) => messageOf(error));
  if (kept !== reply)
    deps.log.warn({ correlation: heard.correlation, code: refusal.code, kept }, 'refusal not audited');
  return reply;
}

function failed(deps: InteractionDeps, heard: Heard, error: unknown): Reply {
  const { log } = deps;
  if (error instanceof RemoteFailure) {
    log.warn(
      { correlation: heard.correlation, command: heard.asked.command, error: error.message },
      'interaction failed',
    );
    return error.service === 'database'
      ? refuse('database_away', notRecorded(heard.payload, heard.asked))
      : refuse('service_away', words().door.serviceAway(error.service));
  }
  const reference = heard.correlation.slice(0, 8);
  log.error({ correlation: heard.correlation, command: heard.asked.command, err: error }, 'interaction broke');
  return refuse('defect', words().door.defect(reference));
}

/** Nobody has to write again what was not taken. */
function givenBack(reply: Reply, { words: written = '' }: Asked): Reply {
  if (written === '' || reply.kind !== 'message' || reply.refused === undefined) return reply;
  return {
    ...reply,
    body: { ...reply.body, ...wholeText(`${reply.body.content ?? ''}\n${words().door.whatYouWrote}`, written) },
  };
}

async function answered(deps: InteractionDeps, heard: Heard): Promise<Reply> {
  try {
    const reply = await inTime(deps.answerMs, (signal) => heard.asked.run(contextOf(deps, heard, signal)));
    return reply === 'late' ? refuse('database_late', notRecorded(heard.payload, heard.asked)) : reply;
  } catch (error) {
    return error instanceof Refusal ? refusedByDoor(deps, heard, error) : failed(deps, heard, error);
  }
}

function logged({ log, onAnswered }: InteractionDeps, heard: Heard, facts: { reply: Reply; tookMs: number }): void {
  const { payload, asked, correlation } = heard;
  const { reply } = facts;
  const outcome = reply.kind === 'message' ? (reply.refused ?? 'told') : reply.kind;
  onAnswered?.({ command: asked.command, outcome, tookMs: facts.tookMs });
  log.info(
    {
      interaction: payload.id,
      guild: payload.guild_id,
      command: asked.command,
      operation: asked.operation,
      outcome,
      tookMs: Math.round(facts.tookMs),
      correlation,
    },
    'interaction',
  );
}

/**
 * The one way in: a raw payload from either door, one reply out. It never throws and never takes longer than
 * `answerMs` and a half, since Discord forgets an interaction that is not answered within three seconds.
 */
export async function handleInteraction(deps: InteractionDeps, payload: APIInteraction): Promise<Reply> {
  const startedAt = performance.now();
  const correlation = deps.newCorrelation();
  const asked = askedOf(payload);
  if (asked === null) return { kind: 'pong' };
  const heard = { payload, asked, correlation };
  const language = languageOf('locale' in payload ? payload.locale : null);
  const reply = await speaking(language, async () => givenBack(await answered(deps, heard), asked));
  logged(deps, heard, { reply, tookMs: performance.now() - startedAt });
  // Someone who types in an option cannot be told anything but choices.
  const isTyping = payload.type === InteractionType.ApplicationCommandAutocomplete;
  return isTyping && reply.kind !== 'choices' ? { kind: 'choices', choices: [] } : reply;
}
