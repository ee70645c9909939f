import { createInteract, type Deliver } from '#sandbox/discord/interact.ts';
import { defaultWorld } from '#sandbox/discord/seed.ts';
import { createDiscord } from '#sandbox/discord/server.ts';
import { registerDrivers } from '#sandbox/drivers.ts';
import { registerPage } from '#sandbox/static.ts';
import { COMMANDS, EVERY_FIELD, OTHER_FIELDS } from './page-messages.ts';

export const CHANNEL = '1190000000000000031';
const APP = '1190000000000000001';
const GUILD = '1190000000000000010';

export type Upload = { readonly name: string; readonly type: string; readonly bytes: Buffer | string };
export type Post = { readonly body: Record<string, unknown>; readonly files?: readonly Upload[] };

export type PageStage = {
  readonly origin: string;
  /** A message of the bot, by Discord's own API; answers its id. */
  post(what: Post, channel?: string): Promise<string>;
  /** Any other request of the bot. */
  call(method: string, path: string, body?: unknown): Promise<Response>;
  /** Interactions that reached the bot, with what a person sent in them. */
  readonly heard: { about: string; data: Record<string, unknown> }[];
  stop(): Promise<void>;
};

/** What the stage's bot answers, by what was used or pressed; `silent` gets nothing, ever. */
const ANSWERS: Readonly<Record<string, object>> = {
  whisper: { type: 4, data: { content: 'Recorded. **Nobody else** sees this.', flags: 64 } },
  think: { type: 5, data: {} },
  other: { type: 9, data: { custom_id: 'other', title: 'The other fields', components: OTHER_FIELDS } },
  'Ask About It': { type: 9, data: { custom_id: 'about', title: 'About it', components: OTHER_FIELDS } },
  form: { type: 9, data: { custom_id: 'form', title: 'A form', components: EVERY_FIELD } },
};

function formOf({ body, files = [] }: Post): FormData {
  const form = new FormData();
  form.set('payload_json', JSON.stringify(body));
  for (const [at, { name, type, bytes }] of files.entries()) {
    const parts = [typeof bytes === 'string' ? bytes : new Uint8Array(bytes)];
    form.set(`files[${at}]`, new File(parts, name, { type }));
  }
  return form;
}

/** The simulated Discord with its page, and in place of the bot one that posts what a test wants to look at. */
export async function startPageStage(): Promise<PageStage> {
  const discord = createDiscord({
    world: defaultWorld({ answerWithinMs: 400 }),
    latencyMs: 0,
    limits: { isOn: false },
  });
  const heard: PageStage['heard'] = [];
  let api = '';
  const authorization = `Bot ${discord.token}`;
  const json = { authorization, 'content-type': 'application/json' };
  const call = (method: string, path: string, body?: unknown) =>
    fetch(`${api}${path}`, { method, headers: json, ...(body !== undefined && { body: JSON.stringify(body) }) });
  const deliver: Deliver = (interaction, payload) => {
    const { data } = payload as { data: Record<string, unknown> };
    heard.push({ about: interaction.about, data });
    if (interaction.about === 'silent') return;
    const choices = [{ name: 'octo-org/website (main)', value: 'octo-org/website' }];
    const byType: Readonly<Record<number, object | undefined>> = {
      2: ANSWERS[interaction.about],
      3: ANSWERS[interaction.about] ?? { type: 6 },
      4: { type: 8, data: { choices } },
    };
    const answer = byType[interaction.type] ?? ANSWERS['whisper'];
    void call('POST', `/interactions/${interaction.id}/${interaction.token}/callback`, answer);
  };
  registerDrivers(discord.app, { discord, interact: createInteract(discord.world, { deliver, settleMs: 50 }) });
  registerPage(discord.app);
  const { origin, apiBase } = await discord.listen(0);
  api = `${apiBase}/v10`;
  await call('PUT', `/applications/${APP}/guilds/${GUILD}/commands`, COMMANDS);
  return {
    origin,
    heard,
    call,
    post: async (what, channel = CHANNEL) => {
      const path = `${api}/channels/${channel}/messages`;
      const response = await fetch(path, { method: 'POST', headers: { authorization }, body: formOf(what) });
      const answer = (await response.json()) as { id?: string };
      if (!answer.id) throw new Error(`The message was refused: ${JSON.stringify(answer)}`);
      return answer.id;
    },
    stop: () => discord.close(),
  };
}
