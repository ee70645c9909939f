/** Answers of the driver routes, as far as the first start reads them. */
type Component = {
  readonly custom_id?: string;
  readonly label?: string;
  readonly components?: readonly Component[];
  readonly component?: Component;
};
type Answer = {
  readonly reply?: { readonly id: string; readonly content?: string; readonly components?: readonly Component[] };
  readonly modal?: { readonly custom_id: string; readonly components: readonly Component[] };
  readonly choices?: readonly { readonly value: string }[];
  readonly error?: string;
};

/** As a person reads it whose bot is slow; whoever reads it tries again. */
const NO_ANSWER = 'The application did not respond';

class Unanswered extends Error {}

type Driver = (path: string, body: object) => Promise<Answer>;

function driverAt(origin: string): Driver {
  return async (path, body) => {
    const response = await fetch(`${origin}/sandbox/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const answer = (await response.json()) as Answer;
    if (response.ok) return answer;
    const message = `The sandbox could not set itself up: ${path} answered ${JSON.stringify(answer)}`;
    throw answer.error === NO_ANSWER ? new Unanswered(message) : new Error(message);
  };
}

const flat = (components: readonly Component[]): Component[] =>
  components.flatMap((one) => [one, ...flat(one.components ?? []), ...flat(one.component ? [one.component] : [])]);

function customId(components: readonly Component[] | undefined, matches: RegExp): string {
  const found = flat(components ?? []).find(
    (one) => one.custom_id && matches.test(`${one.custom_id} ${one.label ?? ''}`),
  );
  if (!found?.custom_id) throw new Error(`The sandbox could not set itself up: nothing to press matches ${matches}`);
  return found.custom_id;
}

/** Who sets a server up, who asks there, and in which channel; without one, the first. */
type People = { readonly admin: string; readonly asker: string; readonly channel?: string };
type Roles = { readonly create: string; readonly confirm: string };
/** Without a plan it is the one key of the server; with one it stands beside others, for everybody or for a role. */
type Key = { readonly key: string; readonly plan?: string; readonly role?: string };

export type FirstStart = {
  readonly people?: People;
  readonly roles: Roles;
  readonly keys: readonly Key[];
  readonly repo: string;
};

type Walk = People & { readonly drive: Driver };

const commandOf = ({ drive, admin, channel }: Walk, name: string, options: object = {}) =>
  drive('command', { as: admin, name, options, ...(channel !== undefined && { channel }) });

async function setRoles(walk: Walk, roles: Roles) {
  const { reply } = await commandOf(walk, 'config roles');
  for (const [what, role] of [
    ['create', roles.create],
    ['confirm', roles.confirm],
  ] as const) {
    const custom_id = customId(reply?.components, new RegExp(what, 'i'));
    await walk.drive('press', { as: walk.admin, message: reply?.id, custom_id, values: [role] });
  }
}

async function keyDialog(walk: Walk, { plan, role }: Key): Promise<Answer> {
  if (plan !== undefined) return commandOf(walk, 'config add-key', { plan, ...(role !== undefined && { role }) });
  const { reply } = await commandOf(walk, 'config key');
  const button = customId(reply?.components, /^(?!.*remove).*server/i);
  return walk.drive('press', { as: walk.admin, message: reply?.id, custom_id: button });
}

async function setKey(walk: Walk, key: Key) {
  const { modal } = await keyDialog(walk, key);
  const field = customId(modal?.components, /./);
  await walk.drive('modal', { as: walk.admin, custom_id: modal?.custom_id, fields: { [field]: key.key } });
}

/** The worker lists the key's repositories in the background; until then autocomplete would be empty. */
async function waitForSources({ drive, asker, channel }: Walk, deadline: number) {
  for (;;) {
    const { choices } = await drive('autocomplete', {
      as: asker,
      name: 'jules',
      options: { repo: '' },
      focused: 'repo',
      ...(channel !== undefined && { channel }),
    });
    if (choices && choices.length > 0) return;
    if (Date.now() > deadline)
      throw new Error('The bot did not list the repositories of the simulated Jules within 20 s.');
    await new Promise((resume) => setTimeout(resume, 100));
  }
}

const PATIENCE_MS = 20_000;

/** A bot on a busy machine may need longer for its first answers than Discord waits. Each step may be done twice. */
async function patiently(step: () => Promise<unknown>): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    try {
      await step();
      return;
    } catch (error) {
      if (!(error instanceof Unanswered) || Date.now() > deadline) throw error;
    }
  }
}

const STORY: People = { admin: 'approver', asker: 'requester' };

/**
 * Sets a simulated server up as its administrator would: roles, keys, a default repository. It walks the bot's own
 * commands, so the sandbox has no way in that a real server has not.
 */
export async function setUp(origin: string, { people = STORY, roles, keys, repo }: FirstStart): Promise<void> {
  const walk = { ...people, drive: driverAt(origin) };
  await patiently(() => setRoles(walk, roles));
  for (const key of keys) await patiently(() => setKey(walk, key));
  await patiently(() => waitForSources(walk, Date.now() + PATIENCE_MS));
  await patiently(() => commandOf(walk, 'config repo', { repo }));
}
