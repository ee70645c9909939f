import { setTimeout as pause } from 'node:timers/promises';
import { messageOf, RemoteFailure } from '#kernel/errors.ts';
import type { Log } from '#kernel/log.ts';
import type { Rpc } from '#kernel/rpc.ts';

/** What Discord says of the servers that the bot is in, and of their roles. */
export type Presence = {
  /** All of them, as a new connection lists them. */
  all(guildIds: readonly string[]): void;
  added(guildId: string): void;
  removed(guildId: string): void;
  /** All its roles; one that settings name and that is none of them was deleted. */
  roles(guildId: string, roleIds: readonly string[]): void;
  roleDeleted(guildId: string, roleId: string): void;
  /** Kept once all that was said is recorded. */
  settled(): Promise<void>;
};

const TRIES = 20;
const BACKOFF_MS = 500;
const BACKOFF_CAP_MS = 15_000;

type Deps = { readonly rpc: Rpc; readonly log: Log; readonly backoffMs?: number };

/**
 * A server that removed the bot gets no work and no posts; one that added it again goes on where it was. Discord says
 * each once and never again, so it is recorded in order, and tried for some minutes while the database is away.
 */
export function recordPresence({ rpc, log, backoffMs = BACKOFF_MS }: Deps): Presence {
  let last = Promise.resolve();
  const persist = async (name: string, args: Parameters<Rpc>[1]) => {
    for (let tries = 1; ; tries += 1) {
      try {
        await rpc(name, args);
        return;
      } catch (error) {
        if (!(error instanceof RemoteFailure) || tries === TRIES) throw error;
        await pause(Math.min(backoffMs * 2 ** tries, BACKOFF_CAP_MS), undefined, { ref: false });
      }
    }
  };
  const record = (name: string, args: Parameters<Rpc>[1]) => {
    last = last
      .then(() => persist(name, args))
      .catch((error: unknown) => log.error({ event: 'guild.unrecorded', name, args, error: messageOf(error) }));
  };
  return {
    all: (guildIds) => record('see_guilds', { guild_ids: guildIds }),
    added: (guildId) => record('join_guild', { guild_id: guildId }),
    removed: (guildId) => record('leave_guild', { guild_id: guildId }),
    roles: (guildId, roleIds) => record('keep_roles', { guild_id: guildId, role_ids: roleIds }),
    roleDeleted: (guildId, roleId) => record('drop_role', { guild_id: guildId, role_id: roleId }),
    settled: () => last,
  };
}
