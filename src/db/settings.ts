import { createHmac, randomBytes } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

/** What a data directory keeps about its Postgres. Port 0: none chosen yet. */
const Settings = z.object({ port: z.number(), secret: z.string().min(20) });
export type Settings = z.infer<typeof Settings>;

export const SUPERUSER = 'supabase_admin';

/** Every role has a password of its own, made from the one secret, so that no process can disagree about it. */
export function passwordOf({ secret }: Settings, role: string): string {
  return createHmac('sha256', secret).update(role).digest('base64url');
}

export function urlOf(settings: Settings, role: string, database: string): string {
  return `postgres://${role}:${passwordOf(settings, role)}@127.0.0.1:${settings.port}/${encodeURIComponent(database)}`;
}

const fileIn = (home: string) => join(home, 'settings.json');

export async function writeSettings(home: string, settings: Settings) {
  const draft = `${fileIn(home)}.new`;
  await writeFile(draft, JSON.stringify(settings), { mode: 0o600 });
  await rename(draft, fileIn(home));
}

/** Reads the settings of a data directory, or makes them the first time. Call it under the lock. */
export async function readSettings(home: string): Promise<Settings> {
  const text = await readFile(fileIn(home), 'utf8').catch(() => undefined);
  if (text !== undefined) return Settings.parse(JSON.parse(text));
  const made = { port: 0, secret: randomBytes(24).toString('base64url') };
  await writeSettings(home, made);
  return made;
}
