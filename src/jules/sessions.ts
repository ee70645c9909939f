import { RemoteFailure } from '#kernel/errors.ts';
import type { KeyId, SessionName } from '#kernel/ids.ts';
import type { Secret } from '#kernel/secret.ts';
import type { Breakers } from './breaker.ts';
import type { JulesClient, NewSession } from './client.ts';
import { Turns } from './turns.ts';

export type AtJulesDeps = {
  readonly client: JulesClient;
  readonly breakers: Breakers;
  /** The key itself, for one call; null where it was removed. */
  readonly open: (key: KeyId) => Promise<Secret | null>;
  readonly createTimeoutMs: number;
};

type Options = { readonly signal: AbortSignal };

/** `mayBegin` is asked last of all, when nothing is left to wait for. */
type BeginOptions = Options & { readonly mayBegin: () => Promise<boolean> };

/** Several workers share an account, and five at once were seen to be fine. */
const CREATES_AT_ONCE = 2;

/** A pause, a cancel and a removed key stop what has not begun within 5 s: what was asked longer ago holds no more. */
const HOLDS_MS = 2500;

/** Nobody was asked yet, so nothing can have happened. */
const notAsked = (why: string, { code, cause }: { code: string; cause?: unknown }) =>
  new RemoteFailure(`Jules was not asked: ${why}`, {
    service: 'jules',
    code,
    retry: 'soon',
    uncounted: true,
    ...(cause !== undefined && { cause }),
  });

async function turnOf(turns: Turns, account: string, signal: AbortSignal, waitMs: number): Promise<() => void> {
  const patience = AbortSignal.any([signal, AbortSignal.timeout(waitMs)]);
  try {
    return await turns.take(account, patience);
  } catch (cause) {
    throw signal.aborted
      ? notAsked('the call was stopped', { code: 'aborted', cause })
      : notAsked('others of this account are being created and take long', { code: 'busy', cause });
  }
}

/**
 * Jules by the stored keys: each is opened for one call, and is handed to the client alone. What begins something there
 * waits for its turn first, then asks whether it still may, opens the key, and goes out at once.
 */
export function sessionsAtJules({ client, breakers, open, createTimeoutMs }: AtJulesDeps) {
  const creates = new Turns(CREATES_AT_ONCE);
  const holdsMs = Math.min(HOLDS_MS, createTimeoutMs);

  const keyOf = async (keyId: KeyId) => {
    const key = await open(keyId);
    if (key) return key;
    const what = 'The Jules key of this task was removed or replaced by one of another account.';
    throw new RemoteFailure(what, { service: 'jules', code: 'no_key', retry: 'never' });
  };
  // The breaker is around the call alone: only what Jules answers may open or close it, and it keeps nobody waiting.
  const through = async <Result>(keyId: KeyId, call: (key: Secret) => Promise<Result>) => {
    const key = await keyOf(keyId);
    return breakers.run(keyId, () => call(key));
  };
  /** Null where it may not begin. */
  const begin = async <Result>(keyId: KeyId, { mayBegin }: BeginOptions, call: (key: Secret) => Promise<Result>) => {
    // A key that is gone by now leaves no intent behind; one that goes in this very moment does.
    await keyOf(keyId);
    const askedAt = performance.now();
    if (!(await mayBegin())) return null;
    return through(keyId, (key) => {
      // A process that was frozen meanwhile, or a database that was slow.
      if (performance.now() - askedAt > holdsMs) throw notAsked('it took too long to begin', { code: 'late' });
      return call(key);
    });
  };

  return {
    listSources: (keyId: KeyId, options: Options) => through(keyId, (key) => client.listSources(key, {}, options)),
    list: (keyId: KeyId, since: Date, options: Options) => {
      const stopAt = ({ createTime }: { createTime: Date | null }) => createTime !== null && createTime < since;
      return through(keyId, (key) => client.listSessions(key, { stopAt }, options));
    },
    read: (keyId: KeyId, name: SessionName, options: Options) =>
      through(keyId, (key) => client.getSession(key, { name }, options)),
    create: async (keyId: KeyId, wish: NewSession, options: BeginOptions & { readonly account: string }) => {
      const end = await turnOf(creates, options.account, options.signal, Math.ceil(createTimeoutMs / 2));
      try {
        return await begin(keyId, options, (key) => client.createSession(key, wish, options));
      } finally {
        end();
      }
    },
    approve: async (keyId: KeyId, name: SessionName, options: BeginOptions) => {
      const begun = await begin(keyId, options, async (key) => {
        await client.approvePlan(key, { name }, options);
        return true;
      });
      return begun ?? false;
    },
    send: async (
      keyId: KeyId,
      wish: { readonly name: SessionName; readonly prompt: string },
      options: BeginOptions,
    ) => {
      const begun = await begin(keyId, options, async (key) => {
        await client.sendMessage(key, wish, options);
        return true;
      });
      return begun ?? false;
    },
    archive: (keyId: KeyId, name: SessionName, options: Options) =>
      through(keyId, (key) => client.archiveSession(key, { name }, options)),
    activities: (keyId: KeyId, wish: { readonly name: SessionName; readonly since?: Date }, options: Options) =>
      through(keyId, (key) => client.listActivities(key, wish, options)),
  };
}
