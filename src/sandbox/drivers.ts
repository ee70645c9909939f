import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { Refusal } from '#kernel/errors.ts';
import type { Interact, Outcome } from '#sandbox/discord/interact.ts';
import type { World } from '#sandbox/discord/world.ts';
import { armedFaults, limitsShown } from './armed.ts';
import { type CrowdDeps, crowdBody, gatherCrowd } from './crowd.ts';
import { type FaultDeps, faultBody, orderFault } from './driver-faults.ts';
import { chooseLocale, localeInput } from './locale.ts';
import { answerInSentences, refuseStrangers } from './loopback.ts';
import { say, sayInput } from './say.ts';
import { type BotFacts, messageShown, modalShown, stateOf } from './state.ts';
import { eventRoute } from './stream.ts';

/** What the drivers need of the simulated Jules. */
type JulesDriver = NonNullable<FaultDeps['jules']> & {
  state(): readonly unknown[];
  script(body: unknown): unknown;
  offers?(): unknown;
};

export type DriverDeps = FaultDeps & {
  readonly interact: Interact;
  readonly jules?: JulesDriver | undefined;
  readonly bot?: BotFacts;
  readonly crowd?: CrowdDeps;
};

const values = z.record(z.string(), z.unknown());
const as = z.string().min(1);
const options = values.default({});

const commandInput = z.strictObject({ as, name: z.string().min(1), options, channel: z.string().optional() });
const autocompleteInput = commandInput.extend({ focused: z.string().min(1) });
const menuInput = z.strictObject({ as, name: z.string().min(1), message: z.string() });
const pressInput = z.strictObject({
  as,
  message: z.string(),
  custom_id: z.string().min(1),
  values: z.array(z.string()).optional(),
});
const modalInput = z.strictObject({
  as,
  custom_id: z.string().min(1),
  fields: values.default({}),
  message: z.string().optional(),
});
const stateQuery = z.strictObject({ only: z.string().optional() });

function read<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  const parsed = schema.safeParse(body ?? {});
  if (parsed.success) return parsed.data;
  const sentence = parsed.error.issues
    .map(({ path, message }) => (path.length > 0 ? `"${path.join('.')}": ${message}` : message))
    .join('; ');
  throw new Refusal('bad_request', sentence);
}

const outcomeShown = (world: World, { reply, modal }: Outcome) => ({
  ...(reply && { reply: messageShown(world, reply) }),
  ...(modal && { modal: modalShown(world, modal) }),
});

/** The whole state, or of its fields those that are named with a comma between. */
function only(state: object, names: string | undefined): object {
  if (names === undefined) return state;
  const wanted = names.split(',');
  return Object.fromEntries(Object.entries(state).filter(([name]) => wanted.includes(name)));
}

/** The routes by which the page, tests and people play everybody but the bot. `docs/sandbox.md` describes them. */
export function registerDrivers(app: FastifyInstance, deps: DriverDeps): void {
  const { discord, interact, jules, bot = {} } = deps;
  const { world } = discord;
  const state = () => ({
    ...stateOf(world, { sessions: jules?.state() ?? [], bot }),
    faults: armedFaults(deps),
    limits: limitsShown(discord),
  });
  app.register((drivers, _options, done) => {
    drivers.addHook('onRequest', async (request) => refuseStrangers(request));
    answerInSentences(drivers);
    drivers.get('/sandbox/state', async ({ query }) => only(state(), read(stateQuery, query).only));
    eventRoute(drivers, { world, state });
    drivers.post('/sandbox/command', async ({ body }) =>
      outcomeShown(world, await interact.command(read(commandInput, body))),
    );
    drivers.post('/sandbox/menu', async ({ body }) => outcomeShown(world, await interact.menu(read(menuInput, body))));
    drivers.post('/sandbox/press', async ({ body }) =>
      outcomeShown(world, await interact.press(read(pressInput, body))),
    );
    drivers.post('/sandbox/modal', async ({ body }) =>
      outcomeShown(world, await interact.submit(read(modalInput, body))),
    );
    drivers.post('/sandbox/autocomplete', async ({ body }) => ({
      choices: await interact.autocomplete(read(autocompleteInput, body)),
    }));
    drivers.post('/sandbox/say', async ({ body }) => ({
      message: messageShown(world, say(world, read(sayInput, body))),
    }));
    drivers.post('/sandbox/locale', async ({ body }) => {
      chooseLocale(world, read(localeInput, body));
      return {};
    });
    drivers.get('/sandbox/jules', async () => jules?.offers?.() ?? {});
    drivers.post('/sandbox/jules', async ({ body }) => {
      if (!jules) throw new Refusal('bad_request', 'There is no simulated Jules here.');
      return jules.script(body) ?? {};
    });
    drivers.post('/sandbox/crowd', async ({ body }) => {
      if (!deps.crowd) throw new Refusal('bad_request', 'There is no bot here that a crowd could use.');
      return gatherCrowd(world, deps.crowd, read(crowdBody, body));
    });
    drivers.post('/sandbox/faults', async ({ body }) => {
      await orderFault(deps, read(faultBody, body));
      return {};
    });
    done();
  });
}
