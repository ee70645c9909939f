/** @import { Account, Channel, Message, SandboxState } from './types.d.ts' */

const EPHEMERAL = 64;
const DM = 1;
const THREADS = new Set([10, 11, 12]);
const TEXT = new Set([0, 5]);

const SEEN = 'verne.seen';

/** @type {SandboxState} */
const EMPTY = { accounts: [], guilds: [], channels: [], messages: [], requests: [], sessions: [] };

/** @param {string} key @returns {[string, string][]} */
function recall(key) {
  try {
    return JSON.parse(sessionStorage.getItem(key) ?? '[]');
  } catch {
    return [];
  }
}

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
  /** Sentences of failed interactions, kept by the page since nobody else has them. @type {{ id: string, channelId: string, as: string, title: string, text: string, message?: string, command?: string }[]} */
  failures: [],
  /** Newest message seen, by account and channel; kept over a reload of the tab. @type {Map<string, string>} */
  seen: new Map(recall(SEEN)),
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
  if (!newest || document.visibilityState !== 'visible' || store.seen.get(seenKey(store.channelId)) === newest.id)
    return;
  store.seen.set(seenKey(store.channelId), newest.id);
  sessionStorage.setItem(SEEN, JSON.stringify([...store.seen]));
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

/** Direct messages are seen by those who take part. @param {Account | undefined} account */
export function visibleChannels(account = me()) {
  const id = account?.id;
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

/** @param {Message} message @param {Account | undefined} account */
function isVisible(message, account) {
  if (!isEphemeral(message) || message.visible_to === undefined) return true;
  const to = [message.visible_to].flat();
  return account !== undefined && (to.includes(account.name) || to.includes(account.id));
}

/** @param {string} channelId @param {Account | undefined} account */
export function messagesIn(channelId, account = me()) {
  return store.state.messages.filter((one) => one.channel_id === channelId && isVisible(one, account));
}

/** @param {string} channelId @param {string} as */
const seenKey = (channelId, as = store.as) => `${as}/${channelId}`;

/** Ids are snowflakes: the later one is the greater number. @param {string} id @param {string} other */
export const isNewer = (id, other) => (id.length === other.length ? id > other : id.length > other.length);

/** How many messages the account has not seen here, and how many of them name it. @param {string} channelId @param {Account | undefined} account */
export function unreadIn(channelId, account = me()) {
  const seen = store.seen.get(seenKey(channelId, account?.name)) ?? '';
  const fresh = messagesIn(channelId, account).filter((one) => isNewer(one.id, seen) && one.author.id !== account?.id);
  return { count: fresh.length, pings: fresh.filter((one) => pingsMe(one, account)).length };
}

/** How often an account was called and has not looked yet. @param {Account} account */
export function pingsFor(account) {
  const here = account.name === store.as ? store.channelId : '';
  const pings = visibleChannels(account).map(({ id }) => (id === here ? 0 : pingsIn(id, account)));
  return pings.reduce((sum, one) => sum + one, 0);
}

/** Every direct message calls whom it is for. @param {string} channelId @param {Account | undefined} account */
export function pingsIn(channelId, account = me()) {
  const { count, pings } = unreadIn(channelId, account);
  const channel = channelById(channelId);
  return channel && isDm(channel) ? count : pings;
}

/** What stands in `mentions` was allowed to ping; the text alone may only look like it. @param {Message} message @param {Account | undefined} account */
export function pingsMe(message, account = me()) {
  if (!account) return false;
  const held = account.roles ?? [];
  if (message.mention_everyone) return true;
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

/** @param {string} text @param {string} [title] @param {{ message?: string, command?: string }} [about] */
export function fail(text, title = 'This interaction failed', about = {}) {
  const failure = { id: `failure-${Date.now()}`, channelId: store.channelId, as: store.as, title, text, ...about };
  change({ failures: [...store.failures, failure].slice(-20) });
}
