import type { Sent } from '#sandbox/discord/judge/rule.ts';
import type { Message } from '#sandbox/discord/model.ts';

/** A request that Discord would refuse, the one rule that says so, and where. */
export type Bad = { readonly rule: string; readonly what: string; readonly path: string; readonly sent: Sent };

export type Body = Readonly<Record<string, unknown>>;

const CHANNEL = '/channels/:channel/messages';
const CALLBACK = '/interactions/:interaction/:token/callback';
const WEBHOOK = '/webhooks/:application/:token';

export const post = (body: unknown, files: Sent['files'] = []): Sent => ({
  method: 'POST',
  route: CHANNEL,
  body,
  files,
});
export const upload = (name: string, at = 0) => ({ field: `files[${at}]`, name });
export const edit = (body: unknown, before: Message): Sent => ({
  method: 'PATCH',
  route: `${CHANNEL}/:message`,
  body,
  before,
});
export const callback = (type: number, data?: unknown, before?: Message): Sent => ({
  method: 'POST',
  route: CALLBACK,
  body: { type, ...(data !== undefined && { data }) },
  before,
});
export const followUp = (body: unknown): Sent => ({ method: 'POST', route: WEBHOOK, body });
export const register = (list: unknown): Sent => ({
  method: 'PUT',
  route: '/applications/:application/commands',
  body: list,
});
export const registerInGuild = (list: unknown): Sent => ({
  method: 'PUT',
  route: '/applications/:application/guilds/:guild/commands',
  body: list,
});
export const thread = (body: unknown): Sent => ({ method: 'POST', route: `${CHANNEL}/:message/threads`, body });

export const aMessage = (facts: Partial<Message> = {}): Message => ({
  id: '1300000000000000001',
  channel_id: '1300000000000000002',
  author: {
    id: '1300000000000000003',
    username: 'Verne',
    global_name: null,
    discriminator: '0',
    avatar: null,
    bot: true,
    public_flags: 0,
  },
  timestamp: '2026-11-20T10:00:00.000Z',
  type: 0,
  content: 'before',
  edited_timestamp: null,
  flags: 0,
  mentions: [],
  mention_roles: [],
  mention_everyone: false,
  attachments: [],
  embeds: [],
  components: [],
  reactions: [],
  ...facts,
});

export const V2 = 1 << 15;
export const button = (facts: Body = {}) => ({ type: 2, style: 1, label: 'Go', custom_id: 'go', ...facts });
export const row = (...components: object[]) => ({ type: 1, components });
export const withButton = (facts: Body) => post({ content: 'x', components: [row(button(facts))] });
export const options = (count: number) =>
  Array.from({ length: count }, (_, at) => ({ label: `${at}`, value: `${at}` }));
export const select = (facts: Body = {}) => ({ type: 3, custom_id: 'pick', options: options(3), ...facts });
export const withSelect = (facts: Body) => post({ content: 'x', components: [row(select(facts))] });
export const text = (content = 'hello') => ({ type: 10, content });
export const container = (...components: object[]) => ({ type: 17, components });
export const input = (facts: Body = {}) => ({ type: 4, custom_id: 'answer', style: 1, ...facts });
export const label = (component: object, facts: Body = {}) => ({ type: 18, label: 'Why', component, ...facts });
export const modal = (facts: Body = {}) =>
  callback(9, { custom_id: 'ask', title: 'Ask', components: [label(input())], ...facts });
export const command = (facts: Body = {}) => ({ name: 'jules', description: 'Ask Jules', ...facts });
export const option = (facts: Body = {}) => ({ type: 3, name: 'prompt', description: 'What to do', ...facts });
export const long = (length: number) => 'x'.repeat(length);
export const fields = (count: number) => Array.from({ length: count }, () => ({ name: 'n', value: 'v' }));

export const bad =
  (rule: string) =>
  (what: string, path: string, sent: Sent): Bad => ({ rule, what, path, sent });
