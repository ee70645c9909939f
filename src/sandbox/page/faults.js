import { channelById, isThread, kindOf, messagesIn, nameOf, store } from './store.js';

/** @import { Order } from './orders.js' */

const path = '/sandbox/faults';

/** @param {string} label @param {string} hint @param {Record<string, unknown>} body @returns {Order} */
const fault = (label, hint, body) => ({ label, hint, path, body: () => body });

/** A fault of the open channel: what it is about is looked up when it is pressed. @param {string} label @param {string} hint @param {string} deed @returns {Order} */
const here = (label, hint, deed) => ({
  label,
  hint,
  path,
  body: () => ({ channel: deed === 'forbid' || deed === 'allow' ? parentId() : store.channelId, do: deed }),
  done: () => `${label}: ${openName()}. ${hint}`,
});

/** Permissions are those of the channel, also where its thread is open. */
function parentId() {
  const channel = channelById(store.channelId);
  return channel && isThread(channel) && channel.parent_id ? channel.parent_id : store.channelId;
}

function openName() {
  const channel = channelById(store.channelId);
  return `${kindOf(channel) === 'hash' ? '#' : ''}${nameOf(channel)}`;
}

/** The last thing that the bot said here; the ephemeral ones are in the hands of the one who sees them. */
const newestOfBot = () => messagesIn(store.channelId).findLast((one) => one.author.bot && !one.visible_to)?.id ?? '';

/** Messages are what people would miss, or see twice. */
const messages = { match: { method: 'POST', path: '/messages' } };

const GATEWAY = [
  fault('Drop the gateway', 'The connection breaks without a word. The bot has to notice, and resume where it was.', {
    gateway: 'drop',
  }),
  fault('Ask to reconnect', 'Discord asks the bot to come back on a new connection, as it does when it is updated.', {
    gateway: 'reconnect',
  }),
  fault('Invalidate the session', 'What came in between is lost. The bot has to identify anew.', {
    gateway: 'invalid_session',
  }),
  fault('Invalidate, resumable', 'The session is invalid, yet the bot may resume it and miss nothing.', {
    gateway: 'resumable_session',
  }),
  fault('Fall silent', 'The connection stays open and nothing comes. Only the missing heartbeat tells the bot.', {
    gateway: 'silent',
  }),
  fault(
    'Take the message content',
    'The developer portal has the Message Content Intent off: the bot is cut off, and goes on without reading threads until it is started again.',
    { message_content: 'off' },
  ),
  fault('Deliver twice', 'The next command or press reaches the bot twice. It must act once.', { double: 1 }),
];

const ANSWERS = [
  fault('429 once', 'The next request of the bot has to wait a second.', { rest: { kind: '429', retryAfterS: 1 } }),
  fault('429 storm', 'The next twenty requests have to wait, each for a second.', {
    rest: { kind: '429', times: 20, retryAfterS: 1 },
  }),
  fault('429 for everything', 'One global limit: no request but an answer to a person is taken for two seconds.', {
    rest: { kind: '429', scope: 'global', retryAfterS: 2 },
  }),
  fault('500 before', 'The next message is answered 500 and not posted. The bot has to post it again.', {
    rest: { ...messages, kind: 'error_before', status: 500 },
  }),
  fault('500 after', 'The next message is posted, and yet answered 500. It must not be there twice.', {
    rest: { ...messages, kind: 'error_after', status: 500 },
  }),
  fault('Cut before the work', 'The connection breaks before the next message is posted.', {
    rest: { ...messages, kind: 'reset_before' },
  }),
  fault('Cut after the work', 'The next message is posted, then the connection breaks without an answer.', {
    rest: { ...messages, kind: 'reset_after' },
  }),
  fault('Cut mid-answer', 'The next message is posted, and half of the answer arrives.', {
    rest: { ...messages, kind: 'reset_mid_body' },
  }),
  fault('Answer slowly', 'The next five requests are done at once and answered four seconds later.', {
    rest: { kind: 'slow', delayMs: 4000, times: 5 },
  }),
  fault('Act late', 'The next message appears six seconds late, when the bot has given up waiting.', {
    rest: { ...messages, kind: 'late', delayMs: 6000 },
  }),
];

/** @type {Order[]} */
const PLACES = [
  here('Take permissions away', 'The bot may no longer write or make threads there.', 'forbid'),
  here('Give permissions back', 'The bot may write and make threads there again.', 'allow'),
  here('Archive this thread', 'It is closed until somebody writes in it.', 'archive'),
  here('Unarchive this thread', 'It is open again.', 'unarchive'),
  here('Lock this thread', 'It is closed, and a message does not open it again.', 'lock'),
  here('Unlock this thread', 'It is open again.', 'unlock'),
  {
    label: "Delete the bot's last message",
    hint: 'What the bot posted last in the open channel is gone. A card is posted anew, or given up.',
    path,
    body: () => ({ delete_message: newestOfBot() }),
    danger: () => `The last message of the bot in ${openName()} is deleted. This cannot be undone.`,
  },
  {
    label: 'Delete this channel',
    hint: 'The open channel is gone, with its messages and threads. Clear all does not bring it back.',
    path,
    body: () => ({ channel: store.channelId, do: 'delete' }),
    danger: () =>
      `${openName()} is deleted with its messages and threads. This cannot be undone: only a new sandbox has it again.`,
  },
];

/** @type {Order[]} */
const PEOPLE = [
  fault('Remove the bot', 'Somebody takes the bot out of the server: it hears nothing and may do nothing there.', {
    server: 'remove',
  }),
  fault('Add the bot again', 'The bot is back in the server. What waited there goes on.', { server: 'add' }),
  fault('Expire all tokens', 'Replies to what was asked so far come too late, as fifteen minutes later.', {
    tokens: 'expire',
  }),
  {
    label: 'Close my direct messages',
    hint: 'The bot can no longer write to you alone.',
    path,
    body: () => ({ dms: 'closed', for: store.as }),
    done: () => `The bot can no longer write to ${store.as} alone.`,
  },
  {
    label: 'Open my direct messages',
    hint: 'The bot can write to you alone again.',
    path,
    body: () => ({ dms: 'open', for: store.as }),
    done: () => `The bot can write to ${store.as} alone again.`,
  },
  fault('An hour passes', 'Every message is an hour older, so that Discord lets the bot edit it less often.', {
    age: 3_600_000,
  }),
];

const LIMITS = [
  fault('Near the ban', 'One more invalid request within ten minutes, and Discord bans the address of the bot.', {
    invalid_requests: 9999,
  }),
  fault('No identify left', 'The bot may not begin a session at the gateway for today; it can still resume.', {
    identifies: 0,
  }),
  fault('Limits off', 'Discord takes as many requests as the bot can send.', { limits: 'off' }),
  fault('Limits on', 'Discord limits requests as always.', { limits: 'on' }),
  fault('Slow network', 'Every request to Discord takes half a second.', { latencyMs: 500 }),
  fault('Usual network', 'Every request to Discord takes 80 milliseconds.', { latencyMs: 80 }),
];

const DATABASE = [
  fault('Stop the database', 'Every connection breaks. The bot says "not recorded" rather than promise anything.', {
    database: 'stop',
  }),
  fault('Freeze the database', 'It holds the connections and answers nothing.', { database: 'pause' }),
  fault('Start the database', 'It answers again, and what waited goes on.', { database: 'start' }),
];

const TO_JULES = [
  fault('Lose the new session', 'The next session is created and the answer is lost. It must not be created twice.', {
    jules: { on: 'create', kind: 'drop_after' },
  }),
  fault('Create late', 'The next session appears five seconds after the bot stopped waiting.', {
    jules: { on: 'create', kind: 'late_landing', ms: 5000 },
  }),
  fault('Jules is down', 'The next ten requests to Jules are answered 503.', {
    jules: { on: 'any', kind: 'error_before', times: 10 },
  }),
  fault('Too many for Jules', 'The next three requests to Jules are told to wait two seconds.', {
    jules: { on: 'any', kind: 'rate_limited', times: 3, retryAfterS: 2 },
  }),
  fault('Revoke the key', 'The next request to Jules is refused, as if the key had been revoked.', {
    jules: { on: 'any', kind: 'unauthorized' },
  }),
  fault(
    'Forget a session once',
    'The next look at a session is answered as if there were none. It must not end a task.',
    {
      jules: { on: 'get', kind: 'not_found' },
    },
  ),
  fault('A page instead of JSON', 'The next request to Jules is answered with an HTML page.', {
    jules: { on: 'any', kind: 'html' },
  }),
];

const jules = '/sandbox/jules';

/** @type {Order[]} */
const ACCOUNT = [
  {
    label: 'An hour passes for Jules',
    hint: 'All that is due happens at once, in order; plans that nobody approved expire.',
    path: jules,
    body: () => ({ advanceMs: 3_600_000 }),
  },
  {
    label: 'Free plan',
    hint: '15 sessions in 24 hours, 3 at once. The others wait.',
    path: jules,
    body: () => ({ account: 'Sandbox', plan: 'free' }),
  },
  {
    label: 'Pro plan',
    hint: '100 sessions in 24 hours, 15 at once, as at the start.',
    path: jules,
    body: () => ({ account: 'Sandbox', plan: 'pro' }),
  },
];

/** @type {Order} */
export const CLEAR_ALL = {
  ...fault('Clear all', 'Everything works again.', { clear: true }),
  done: () => 'Everything works again. What was deleted stays deleted.',
};

export const FAULT_GROUPS = [
  { name: 'Gateway', about: 'how Discord reaches the bot', orders: GATEWAY },
  { name: "Discord's answers", about: 'to what the bot asks', orders: ANSWERS },
  { name: 'Channels and threads', about: 'the one that is open', orders: PLACES },
  { name: 'People and time', about: 'who is in the server, tokens, direct messages, age', orders: PEOPLE },
  { name: 'Limits and network', about: 'bans, identifies, latency', orders: LIMITS },
  { name: 'Database', about: 'where the bot keeps everything', orders: DATABASE },
  { name: "Jules's answers", about: 'to what the bot asks', orders: TO_JULES },
  { name: "Jules's clock and plan", about: 'time, quota', orders: ACCOUNT },
];
