import type { APIInteraction } from 'discord-api-types/v10';

let last = 1_400_000_000_000_000_000n;
/** Ids that are never the same twice. */
export const newSnowflake = () => String(++last);

/** The server that people are in. Each test moves to one of its own, so that many can share a database. */
export const here = { guild: newSnowflake() };
export const CHANNEL = '1300000000000000002';
export const ROLES = { create: '1300000000000000011', confirm: '1300000000000000012' };

export type Person = { readonly id: string; readonly roles?: readonly string[]; readonly permissions?: bigint };
export const PEOPLE = {
  admin: { id: '1300000000000000021', permissions: 1n << 5n },
  approver: { id: '1300000000000000022', roles: [ROLES.confirm] },
  requester: { id: '1300000000000000023', roles: [ROLES.create] },
  outsider: { id: '1300000000000000024' },
} satisfies Record<string, Person>;

/** View Channel, Send Messages, Embed Links, Read Message History, Create Public Threads, Send Messages in Threads. */
export const BOT_MAY = (1n << 10n) | (1n << 11n) | (1n << 14n) | (1n << 16n) | (1n << 35n) | (1n << 38n);

const user = (person: Person) => ({ id: person.id, username: `u${person.id}`, discriminator: '0', global_name: null });

type Facts = Readonly<Record<string, unknown>>;

/** A payload as Discord sends it over the gateway, as far as anything reads it; `facts` replace its fields. */
export function anInteraction(person: Person, type: number, facts: Facts): APIInteraction {
  const payload = {
    id: newSnowflake(),
    application_id: '1300000000000000090',
    type,
    token: 'a-token',
    version: 1,
    guild_id: here.guild,
    guild: { id: here.guild, features: [], locale: 'en-US' },
    channel_id: CHANNEL,
    channel: { id: CHANNEL, type: 0 },
    member: { user: user(person), roles: person.roles ?? [], permissions: String(person.permissions ?? 0n) },
    app_permissions: String(BOT_MAY),
    locale: 'en-US',
    entitlements: [],
    authorizing_integration_owners: { 0: facts.guild_id ?? here.guild },
    context: 0,
    attachment_size_limit: 10_485_760,
    ...facts,
  };
  return payload as unknown as APIInteraction;
}

const TYPE_OF: Readonly<Record<string, number>> = { string: 3, boolean: 5 };
const optionsOf = (values: Facts) =>
  Object.entries(values).map(([name, value]) => ({ name, type: TYPE_OF[typeof value] ?? 3, value }));

/** What Discord says of the roles, channels and people that are named: here every id is one of each. */
function resolvedOf(values: readonly unknown[]): object {
  const ids = values.filter((value) => typeof value === 'string' && /^\d{15,20}$/.test(value));
  const known = Object.fromEntries(ids.map((id) => [id, { id }]));
  return ids.length > 0 ? { resolved: { roles: known, channels: known, users: known, members: known } } : {};
}

const commandData = (name: string, values: Facts) => {
  const [root, sub] = name.split(' ');
  const options = optionsOf(values);
  const resolved = resolvedOf(Object.values(values));
  return { id: '1', name: root, type: 1, options: sub ? [{ name: sub, type: 1, options }] : options, ...resolved };
};

/** `name` may hold a subcommand: `config roles`. */
export function aCommand(person: Person, name: string, values: Facts = {}, facts: Facts = {}): APIInteraction {
  return anInteraction(person, 2, { data: commandData(name, values), ...facts });
}

export function aTyping(person: Person, name: string, values: Facts, focused: string): APIInteraction {
  const data = commandData(name, values);
  const mark = ({ options, ...option }: Facts): Facts => ({
    ...option,
    ...(Object.values(option).includes(focused) && { focused: true }),
    ...(Array.isArray(options) && { options: options.map(mark) }),
  });
  return anInteraction(person, 4, { data: mark(data) });
}

export function aPress(
  person: Person,
  customId: string,
  values?: readonly string[],
  facts: Facts = {},
): APIInteraction {
  const data = {
    component_type: values ? 3 : 2,
    custom_id: customId,
    ...(values && { values, ...resolvedOf(values) }),
  };
  const components = [{ type: 1, components: [{ type: 2, custom_id: customId }] }];
  return anInteraction(person, 3, { data, message: { id: newSnowflake(), channel_id: CHANNEL, components }, ...facts });
}

export function aModal(person: Person, customId: string, answer: string, facts: Facts = {}): APIInteraction {
  const component = { type: 4, id: 2, custom_id: 'answer', value: answer };
  const components = [{ type: 18, id: 1, component }];
  return anInteraction(person, 5, { data: { custom_id: customId, components }, ...facts });
}

/** A dialog of several fields, as it was filled in. */
export function aForm(person: Person, customId: string, fields: Facts, facts: Facts = {}): APIInteraction {
  const components = Object.entries(fields).map(([name, value], at) => ({
    type: 18,
    id: 2 * at + 1,
    component: { type: 4, id: 2 * at + 2, custom_id: name, value },
  }));
  return anInteraction(person, 5, { data: { custom_id: customId, components }, ...facts });
}

/** A command in the menu of a message. */
export function aMenu(person: Person, name: string, message: Facts, facts: Facts = {}): APIInteraction {
  const id = newSnowflake();
  const author = { id: PEOPLE.outsider.id, username: 'a-user', global_name: 'A User' };
  const whole = { id, channel_id: CHANNEL, type: 0, author, content: '', embeds: [], mentions: [], ...message };
  const data = { id: '1', name, type: 3, target_id: id, resolved: { messages: { [id]: whole } } };
  return anInteraction(person, 2, { data, ...facts });
}
