/** @import { Account, Channel, Message, SandboxState } from './types.d.ts' */

const EPHEMERAL = 64;
const DM = 1;
const THREADS = new Set([10, 11, 12]);
const TEXT = new Set([0, 5]);

/** @type {SandboxState} */
const EMPTY = { accounts: [], guilds: [], channels: [], messages: [], requests: [], sessions: [] };

/**
 * What the page knows: the newest state of the sandbox, who looks, and where. Views read it and are called after each change.
 */
export const store = {
  state: EMPTY,
  /** Name of the account that looks; the driver routes call it `as`. */
  as: 'requester',
  channelId: '',
  gone: false,
  loaded: false,
  /** Sentences of failed interactions, kept by the page since nobody else has them. @type {{ id: string, channelId: string, as: string, title: string, text: string }[]} */
  failures: [],
  /** Newest message seen, by account and channel. @type {Map<string, string>} */
  seen: new Map(),
};

/** @type {(() => void)[]} */
const views = [];

/** @param {() => void} view */
export function onChange(view) {
  views.push(view);
}

/** @param {Partial<typeof store>} patch */
export function change(patch) {
  Object.assign(store, patch);
  settle();
  for (const view of views) view();
}

/** Keeps who and where valid whatever the new state holds. */
function settle() {
  const { accounts } = store.state;
  if (accounts.length > 0 && !accounts.some((one) => one.name === store.as)) store.as = accounts[0]?.name ?? '';
  const here = visibleChannels();
  if (!here.some((one) => one.id === store.channelId)) {
    store.channelId = here.find((one) => TEXT.has(one.type))?.id ?? here[0]?.id ?? '';
  }
  const newest = messagesIn(store.channelId).at(-1);
  if (newest && document.visibilityState === 'visible') store.seen.set(seenKey(store.channelId), newest.id);
}

/** @returns {Account | undefined} */
export function me() {
  return store.state.accounts.find((one) => one.name === store.as);
}

/** @param {Channel} channel */
export const isThread = (channel) => THREADS.has(channel.type);

/** @param {Channel} channel */
export const isDm = (channel) => channel.type === DM;

/** Named as the icons are. @param {Channel | undefined} channel */
export function kindOf(channel) {
  if (channel && isThread(channel)) return 'thread';
  return channel && isDm(channel) ? 'person' : 'hash';
}

/** Direct messages are seen by those who take part. */
export function visibleChannels() {
  const id = me()?.id;
  return store.state.channels.filter(
    (channel) =>
      !isDm(channel) ||
      !channel.recipients ||
      channel.recipients.some((one) => (typeof one === 'string' ? one : one.id) === id),
  );
}

/** A direct message is named after the other one in it, who is the bot. @param {Channel | undefined} channel */
export function nameOf(channel) {
  if (!channel || !isDm(channel)) return channel?.name ?? '';
  const bots = store.state.messages.filter((one) => one.author.bot);
  return (bots.find((one) => one.channel_id === channel.id) ?? bots[0])?.author.name ?? channel.name;
}

/** @param {string} id */
export function channelById(id) {
  return store.state.channels.find((one) => one.id === id);
}

/** @param {Message} message */
export function isEphemeral(message) {
  return (message.flags & EPHEMERAL) !== 0;
}

/** @param {Message} message */
function isVisible(message) {
  if (!isEphemeral(message) || message.visible_to === undefined) return true;
  const account = me();
  const to = [message.visible_to].flat();
  return to.includes(store.as) || (account !== undefined && to.includes(account.id));
}

/** @param {string} channelId */
export function messagesIn(channelId) {
  return store.state.messages.filter((one) => one.channel_id === channelId && isVisible(one));
}

/** @param {string} channelId */
const seenKey = (channelId) => `${store.as}/${channelId}`;

/** How many messages the account has not seen here, and how many of them name it. @param {string} channelId */
export function unreadIn(channelId) {
  const messages = messagesIn(channelId);
  const at = messages.findIndex((one) => one.id === store.seen.get(seenKey(channelId)));
  const fresh = messages.slice(at + 1).filter((one) => one.author.name !== store.as);
  return { count: fresh.length, pings: fresh.filter(pingsMe).length };
}

/** What stands in `mentions` was allowed to ping; the text alone may only look like it. @param {Message} message */
export function pingsMe(message) {
  const account = me();
  if (!account) return false;
  const held = account.roles ?? [];
  if (message.mentions || message.mention_roles) {
    const people = (message.mentions ?? []).map((one) => (typeof one === 'string' ? one : one.id));
    return people.includes(account.id) || (message.mention_roles ?? []).some((role) => held.includes(role));
  }
  const names = [`<@${account.id}>`, `<@!${account.id}>`, ...held.map((role) => `<@&${role}>`)];
  return names.some((name) => message.content.includes(name));
}

/** @param {string} id */
export function personName(id) {
  const known = store.state.accounts.find((one) => one.id === id);
  return known?.name ?? store.state.messages.find((one) => one.author.id === id)?.author.name;
}

export function roles() {
  return store.state.guilds.flatMap((guild) => guild.roles ?? []);
}

/** @param {string} id */
export function roleById(id) {
  return roles().find((one) => one.id === id);
}

/** @param {string} text @param {string} [title] */
export function fail(text, title = 'This interaction failed') {
  const failure = { id: `failure-${Date.now()}`, channelId: store.channelId, as: store.as, title, text };
  change({ failures: [...store.failures, failure].slice(-20) });
}
