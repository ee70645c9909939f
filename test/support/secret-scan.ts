import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { scrub } from '#kernel/scrub.ts';
import { FAKE_SECRETS } from './fake-secrets.ts';

/** Looks through the repository for what is shaped like a secret, as our own scrubber and other scanners know them. */

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const MASK = '[redacted]';

/** What the scrubber has no shape for, since it does not come to a Discord bot; a repository may have it all the same. */
const MORE: readonly RegExp[] = [
  /-{5}BEGIN PGP PRIVATE KEY BLOCK-{5}/g,
  /PuTTY-User-Key-File-\d/g,
  /AGE-SECRET-KEY-1[0-9A-Z]{50,}/g,
  /(?<!\w)gl(?:rt|dt|ptt|cbt|soat)-[\w-]{20,}/g, // GitLab
  /(?<!\w)pypi-AgEI[\w-]{50,}/g,
  /(?<!\w)shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}/g, // Shopify
  /(?<!\w)xapp-\d-[\w-]{20,}/g, // Slack apps
  /(?<!\w)SK[0-9a-f]{32}(?!\w)/g, // Twilio
  /(?<!\w)key-[0-9a-f]{32}(?!\w)/g, // Mailgun
  /(?<=AccountKey=)[\w+/]{86}==/g, // Azure storage
  /(?<!\w)dckr_pat_[\w-]{20,}/g,
  /(?<!\w)lin_api_\w{30,}/g,
  /(?<!\w)PMAK-[0-9a-f]{24}-[0-9a-f]{34}/g, // Postman
];

export type Finding = { readonly where: string; readonly value: string };

/** What `scrub` hid, in order: between the masks everything else stands as it stood. */
function hidden(text: string): { at: number; value: string }[] {
  const clean = scrub(text);
  if (clean === text) return [];
  const [first = '', ...rest] = clean.split(MASK);
  let at = first.length;
  return rest.flatMap((piece, nth) => {
    const from = at;
    const isLast = nth === rest.length - 1;
    const until = isLast ? text.length - piece.length : text.indexOf(piece, from + 1);
    if (until < from) throw new Error(`the scrubber changed more than it hid, at ${text.slice(from, from + 20)}`);
    at = until + piece.length;
    const value = text.slice(from, until);
    return value === MASK ? [] : [{ at: from, value }];
  });
}

/** `postgres://u:p@h`: a few letters, a variable or the word itself are nobody's password. */
function isPlaceholder(before: string, value: string): boolean {
  return /:\/\/[^\s/]*:$/.test(before) && (value.length < 8 || /\$\{|^\[?(?:your-)?password\]?$/i.test(value));
}

/** Everything of a text that looks like a secret, with its line. */
export function secretsIn(where: string, text: string): Finding[] {
  const more = MORE.flatMap((shape) => [...text.matchAll(shape)].map(({ 0: value, index }) => ({ at: index, value })));
  return [...hidden(text), ...more]
    .filter(({ at, value }) => !isPlaceholder(text.slice(Math.max(0, at - 100), at), value))
    .map(({ at, value }) => ({ where: `${where}:${text.slice(0, at).split('\n').length}`, value }));
}

/** By which a value is known without being written down once more. */
export const printOf = (value: string) => createHash('sha256').update(value).digest('hex').slice(0, 16);

/** Where it stands and what it begins with: what reads the log of a test is not to learn a secret there. */
export const unknown = (findings: readonly Finding[]): string[] =>
  findings
    .filter(({ value }) => !(printOf(value) in FAKE_SECRETS))
    .map(({ where, value }) => `${where}: ${value.slice(0, 4)}… (${printOf(value)})`);

/** Of the fakes that are known, those that are not there any more. */
export function stale(findings: readonly Finding[]): string[] {
  const found = new Set(findings.map(({ value }) => printOf(value)));
  return Object.keys(FAKE_SECRETS).filter((print) => !found.has(print));
}

const NOT_OURS = new Set(['node_modules', '.git', 'data', 'test-results', '.env', '.env.local']);

/** Without a git of its own, as in an unpacked archive: every file but those that git would not take either. */
export async function walked(folder = ''): Promise<string[]> {
  const entries = await readdir(join(ROOT, folder), { withFileTypes: true });
  const found = await Promise.all(
    entries
      .filter(({ name }) => !(NOT_OURS.has(name) || name.endsWith('.log')))
      .map((entry) => {
        const path = join(folder, entry.name);
        if (entry.isDirectory()) return walked(path);
        return entry.isFile() ? [path] : [];
      }),
  );
  return found.flat();
}

export async function trackedFiles(): Promise<string[]> {
  const listed = spawnSync('git', ['ls-files', '-z'], { cwd: ROOT, encoding: 'utf8', maxBuffer: 2 ** 30 });
  return listed.status === 0 ? listed.stdout.split('\0').filter(Boolean) : walked();
}

/** One that is tracked and gone is a change that nobody committed yet. */
const textOf = (path: string) =>
  readFile(join(ROOT, path), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });

/** The paths too: a name may say as much as a line. */
export async function scanFiles(paths: readonly string[]) {
  const texts = await Promise.all(paths.map(async (path) => ({ path, text: await textOf(path) })));
  const findings = texts.flatMap(({ path, text }) => [...secretsIn('a name', path), ...secretsIn(path, text)]);
  return { findings, bytes: texts.reduce((sum, { text }) => sum + text.length, 0) };
}

/** All that the commits up to now ever held, each content once: files, and what the commits say. */
export function scanHistory() {
  const options = { cwd: ROOT, maxBuffer: 2 ** 31 - 1 };
  const listed = execFileSync('git', ['rev-list', '--objects', 'HEAD'], { ...options, encoding: 'utf8' });
  const names = new Map(listed.split('\n').map((line) => [line.slice(0, 40), line.slice(41)]));
  const ids = [...names.keys()].filter(Boolean);
  const all = execFileSync('git', ['cat-file', '--batch'], { ...options, input: ids.join('\n') });
  const findings: Finding[] = [];
  const counts = { blob: 0, commit: 0, tree: 0, tag: 0 };
  for (let at = 0; at < all.length; ) {
    const end = all.indexOf(10, at);
    const [id = '', type = '', size = ''] = all.toString('utf8', at, end).split(' ');
    if (!(type in counts)) throw new Error(`git has no whole object ${id}: ${type}`);
    counts[type as keyof typeof counts] += 1;
    const text = type === 'tree' ? '' : all.toString('utf8', end + 1, end + 1 + Number(size));
    const name = names.get(id) || type;
    findings.push(...secretsIn('a name', name), ...secretsIn(`${id.slice(0, 8)} ${name}`, text));
    at = end + 2 + Number(size);
  }
  return { findings, counts, bytes: all.length };
}
