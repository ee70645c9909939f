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

async function setRoles(drive: Driver, roles: SandboxRoles) {
  const { reply } = await drive('command', { as: 'approver', name: 'config roles', options: {} });
  for (const [what, role] of [
    ['create', roles.create],
    ['confirm', roles.confirm],
  ] as const) {
    const custom_id = customId(reply?.components, new RegExp(what, 'i'));
    await drive('press', { as: 'approver', message: reply?.id, custom_id, values: [role] });
  }
}

async function setKey(drive: Driver, key: string) {
  const { reply } = await drive('command', { as: 'approver', name: 'config key', options: {} });
  const button = customId(reply?.components, /^(?!.*remove).*server/i);
  const { modal } = await drive('press', { as: 'approver', message: reply?.id, custom_id: button });
  const field = customId(modal?.components, /./);
  await drive('modal', { as: 'approver', custom_id: modal?.custom_id, fields: { [field]: key } });
}

/** The worker lists the key's repositories in the background; until then autocomplete would be empty. */
async function waitForSources(drive: Driver, deadline: number) {
  for (;;) {
    const { choices } = await drive('autocomplete', {
      as: 'requester',
      name: 'jules',
      options: { repo: '' },
      focused: 'repo',
    });
    if (choices && choices.length > 0) return;
    if (Date.now() > deadline)
      throw new Error('The bot did not list the repositories of the simulated Jules within 20 s.');
    await new Promise((resume) => setTimeout(resume, 100));
  }
}

type SandboxRoles = { readonly create: string; readonly confirm: string };
export type FirstStart = { readonly roles: SandboxRoles; readonly key: string; readonly repo: string };

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

/**
 * Sets the simulated server up as its administrator would: roles, a key, a default repository. It walks the bot's own
 * commands, so the sandbox has no way in that a real server has not.
 */
export async function setUp(origin: string, { roles, key, repo }: FirstStart): Promise<void> {
  const drive = driverAt(origin);
  await patiently(() => setRoles(drive, roles));
  await patiently(() => setKey(drive, key));
  await patiently(() => waitForSources(drive, Date.now() + PATIENCE_MS));
  await patiently(() => drive('command', { as: 'approver', name: 'config repo', options: { repo } }));
}
