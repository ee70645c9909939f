import { randomBytes } from 'node:crypto';
import { signed } from '../http/support.ts';
import { type CanaryWorld, type Place, placesOf } from './canary-world.ts';
import { aModal, newSnowflake } from './interaction.ts';
import { type Answer, idOf, type Option } from './sandbox.ts';

/** The ways by which a person hands the bot a key, each answer kept. */

async function openDialog(world: CanaryWorld, way: 'mine' | 'pool'): Promise<Answer> {
  const as = 'approver';
  if (way === 'pool') {
    return world.drive('command', { as, name: 'config add-key', options: { plan: 'ultra' } });
  }
  const panel = await world.drive('command', { as, name: 'config key', options: {} });
  const { reply } = panel;
  if (!reply) return panel;
  return world.drive('press', { as, message: reply.id, custom_id: idOf(reply, /v1:key:person/) });
}

/**
 * Each key in a dialog of their own and in that of a pool, over the gateway; Discord brings what was sent a second time,
 * as it may. What the dialogs look like is kept too: none may hold what was typed before.
 */
export async function enterByDialogs(world: CanaryWorld, keys: readonly string[], into: Place[]): Promise<number> {
  let sent = 0;
  for (const [nth, key] of keys.entries()) {
    for (const way of ['mine', 'pool'] as const) {
      const opened = await openDialog(world, way);
      into.push([`the dialog of ${way}`, JSON.stringify(opened)]);
      const { modal } = opened;
      if (!modal) throw new Error(`no dialog: ${JSON.stringify(opened)}`);
      if (nth % 2 === 0) await world.drive('faults', { double: 1 });
      const fields = { answer: key };
      const answer = await world.drive('modal', { as: 'approver', custom_id: modal.custom_id, fields });
      into.push([`the answer to the dialog of ${way}`, JSON.stringify(answer)]);
      sent += nth % 2 === 0 ? 2 : 1;
    }
  }
  return sent;
}

/** The same over the HTTP door, by somebody new each time, twice with the same id. */
export async function enterByHttp(world: CanaryWorld, keys: readonly string[], into: Place[]): Promise<number> {
  let sent = 0;
  for (const key of keys) {
    const payload = JSON.stringify(aModal({ id: newSnowflake() }, 'v1:key-enter:person', key));
    for (const time of ['once', 'again']) {
      const answer = await fetch(`${world.httpOrigin()}/interactions`, signed(payload));
      into.push([`a dialog over HTTP, ${time} (${answer.status})`, await answer.text()]);
      sent += 1;
    }
  }
  return sent;
}

/** So many keys over each door, every fifth one of no form that is taken. */
export async function enterMany(world: CanaryWorld, count: number) {
  await world.db.rpc('set_rates', { per_minute: { person: 100_000, person_in_server: 100_000, server: 100_000 } });
  const aKey = (nth: number) => `${randomBytes(24).toString('base64url')}${nth % 5 === 4 ? ' and more' : ''}`;
  const byGateway = Array.from({ length: count }, (_, nth) => aKey(nth));
  const byHttp = Array.from({ length: count }, (_, nth) => aKey(nth));
  const answers: Place[] = [];
  const sent = (await enterByDialogs(world, byGateway, answers)) + (await enterByHttp(world, byHttp, answers));
  return { keys: [...byGateway, ...byHttp], sent, places: await placesOf(world, answers) };
}

const SUBCOMMAND = 1;
const TEXT = 3;

/** The options of a registered command in which anything can be typed. */
export function textOptions({ options = [] }: Pick<Option, 'options'>): string[] {
  return options.flatMap((one) => {
    if (one.type === SUBCOMMAND) return textOptions(one);
    return one.type === TEXT && one.choices === undefined ? [one.name] : [];
  });
}
