import type { State } from '../support/sandbox.ts';

type Seen = State & {
  readonly limits: {
    readonly on: boolean;
    readonly latencyMs: number;
    readonly invalid: { readonly count: number };
    readonly identifies: { readonly left: number };
  };
};

/** What a button sends, and, where it lasts, what the state then says. What is met once may be over by then. */
type Ordered = { readonly sends: object; readonly lasts?: (state: Seen) => boolean };

const sends = (body: object): Ordered => ({ sends: body });
const lasting = (body: object, lasts: (state: Seen) => boolean): Ordered => ({ sends: body, lasts });
const arming = (body: object, fault: string, says = '') =>
  lasting(body, ({ faults }) => faults.some((one) => one.fault === fault && one.says.includes(says)));

const toMessages = (facts: object) => sends({ rest: { match: { method: 'POST', path: '/messages' }, ...facts } });
const toJules = (facts: object) => sends({ jules: facts });

/** Every button of the panel by its group. */
export const FAULT_ORDERS: Readonly<Record<string, Readonly<Record<string, Ordered>>>> = {
  Gateway: {
    'Drop the gateway': sends({ gateway: 'drop' }),
    'Ask to reconnect': sends({ gateway: 'reconnect' }),
    'Invalidate the session': sends({ gateway: 'invalid_session' }),
    'Invalidate, resumable': sends({ gateway: 'resumable_session' }),
    'Fall silent': sends({ gateway: 'silent' }),
    'Take the message content': arming({ message_content: 'off' }, 'message_content'),
    'Deliver twice': arming({ double: 1 }, 'double'),
  },
  "Discord's answers": {
    '429 once': sends({ rest: { kind: '429', retryAfterS: 1 } }),
    '429 storm': arming({ rest: { kind: '429', times: 20, retryAfterS: 1 } }, 'rest', '429 (user), 1 s'),
    '429 for everything': sends({ rest: { kind: '429', scope: 'global', retryAfterS: 2 } }),
    '500 before': toMessages({ kind: 'error_before', status: 500 }),
    '500 after': toMessages({ kind: 'error_after', status: 500 }),
    'Cut before the work': toMessages({ kind: 'reset_before' }),
    'Cut after the work': toMessages({ kind: 'reset_after' }),
    'Cut mid-answer': toMessages({ kind: 'reset_mid_body' }),
    'Answer slowly': sends({ rest: { kind: 'slow', delayMs: 4000, times: 5 } }),
    'Act late': toMessages({ kind: 'late', delayMs: 6000 }),
  },
  'People and time': {
    'Remove the bot': arming({ server: 'remove' }, 'server'),
    'Add the bot again': lasting({ server: 'add' }, ({ faults }) => faults.every(({ fault }) => fault !== 'server')),
    'Expire all tokens': sends({ tokens: 'expire' }),
    'Close my direct messages': arming({ dms: 'closed', for: 'requester' }, 'dms', 'requester'),
    'Open my direct messages': lasting({ dms: 'open', for: 'requester' }, ({ faults }) => faults.length === 0),
    'An hour passes': sends({ age: 3_600_000 }),
  },
  'Limits and network': {
    'Near the ban': lasting({ invalid_requests: 9999 }, ({ limits }) => limits.invalid.count >= 9999),
    'No identify left': arming({ identifies: 0 }, 'identifies'),
    'Limits off': lasting({ limits: 'off' }, ({ limits }) => !limits.on),
    'Limits on': lasting({ limits: 'on' }, ({ limits }) => limits.on),
    'Slow network': lasting({ latencyMs: 500 }, ({ limits }) => limits.latencyMs === 500),
    'Usual network': lasting({ latencyMs: 80 }, ({ limits }) => limits.latencyMs === 80),
  },
  Database: {
    'Stop the database': arming({ database: 'stop' }, 'database'),
    'Freeze the database': arming({ database: 'pause' }, 'database'),
    'Start the database': lasting({ database: 'start' }, ({ faults }) => faults.length === 0),
  },
  "Jules's answers": {
    'Lose the new session': arming({ jules: { on: 'create', kind: 'drop_after' } }, 'jules', 'create: drop_after'),
    'Create late': arming({ jules: { on: 'create', kind: 'late_landing', ms: 5000 } }, 'jules', 'create: late_landing'),
    'Jules is down': toJules({ on: 'any', kind: 'error_before', times: 10 }),
    'Too many for Jules': toJules({ on: 'any', kind: 'rate_limited', times: 3, retryAfterS: 2 }),
    'Revoke the key': toJules({ on: 'any', kind: 'unauthorized' }),
    'Forget a session once': toJules({ on: 'get', kind: 'not_found' }),
    'A page instead of JSON': toJules({ on: 'any', kind: 'html' }),
  },
  "Jules's clock and plan": {
    'An hour passes for Jules': sends({ advanceMs: 3_600_000 }),
    'Free plan': sends({ account: 'Sandbox', plan: 'free' }),
    'Pro plan': sends({ account: 'Sandbox', plan: 'pro' }),
  },
};
