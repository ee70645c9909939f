import { z } from 'zod';
import { visible } from '#discord/text.ts';
import type { LeftOut } from '#discord/unheard.ts';

export const attached = z.object({
  id: z.string(),
  filename: z.string(),
  size: z.number(),
  url: z.string(),
  content_type: z.string().optional(),
});
export type Attached = z.output<typeof attached>;

/** Of all text files of one message together. */
export const FILES_BYTES = 100_000;
const FILE_TIMEOUT_MS = 5000;

const TEXT_TYPES =
  /^(?:text\/|application\/(?:json|xml|yaml|x-yaml|toml|javascript|typescript|sql|x-sh|x-ndjson|graphql))/i;
const TEXT_ENDINGS =
  /\.(?:txt|md|mdx|rst|log|csv|tsv|json|jsonc|jsonl|ya?ml|toml|ini|env|xml|html?|css|scss|less|[cm]?[jt]sx?|vue|svelte|py|rb|php|java|kts?|swift|go|rs|cs?|h|cc|cpp|hpp|m|lua|pl|r|dart|ex|exs|erl|hs|scala|clj|sh|bash|zsh|ps1|bat|sql|graphql|proto|tf|gradle|diff|patch)$/i;

/** Discord guesses a type by the name, and leaves out what it cannot guess. */
const isNamedText = ({ filename, content_type: type }: Attached) =>
  TEXT_ENDINGS.test(filename) || (type !== undefined && TEXT_TYPES.test(type));

export type Files = {
  /** Ready to be read by Jules; empty where there is nothing. */
  readonly text: string;
  readonly leftOut: readonly LeftOut[];
};

const DISCORDS = ['https://cdn.discordapp.com', 'https://media.discordapp.net'];

/** Where files are served: Discord's own hosts, also behind a proxy, and the one that stands in for all of Discord. */
export function fileOriginsOf(apiBase: string): readonly string[] {
  const { origin, hostname } = new URL(apiBase);
  return hostname === 'discord.com' || hostname.endsWith('.discord.com') ? DISCORDS : [...DISCORDS, origin];
}

export type FileDeps = {
  /** Whence alone a file is fetched. */
  readonly origins: readonly string[];
  readonly timeoutMs?: number;
};

const isFrom = (origins: readonly string[], url: string) => origins.includes(URL.parse(url)?.origin ?? '');

/** Never more than `most` bytes, whatever was declared; undefined where there is more. */
async function readBytes(answer: Response, most: number): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of answer.body ?? []) {
    size += chunk.length;
    if (size > most) return undefined; // leaving the loop cancels the rest
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** A fence that nothing in the text can end. */
function fenced(name: string, text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const ticks = '`'.repeat(longest + 1);
  const title = visible(name).replace(/\s+/g, ' ').replaceAll('`', 'ˋ');
  return `File \`${title}\`:\n${ticks}\n${text.replace(/\n$/, '')}\n${ticks}`;
}

/** `size` is that of the text with its fence, which is as long as the text makes it. */
type Got = { readonly text: string; readonly size: number } | LeftOut['why'];

async function fetchText({ origins, timeoutMs = FILE_TIMEOUT_MS }: FileDeps, { url }: Attached, most: number) {
  if (!isFrom(origins, url)) return 'unread';
  const answer = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(timeoutMs) });
  if (!answer.ok) {
    await answer.body?.cancel();
    return 'unread';
  }
  const bytes = await readBytes(answer, most);
  if (!bytes) return 'large';
  return bytes;
}

/** UTF-8 without NUL: whatever else it is, it is not text that could be stored and told. */
function decoded(bytes: Uint8Array): string | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return text.includes('\0') ? undefined : text;
  } catch {
    return undefined;
  }
}

async function take(deps: FileDeps, file: Attached, most: number): Promise<Got> {
  if (!isNamedText(file)) return 'not_text';
  if (file.size > most) return 'large';
  try {
    const bytes = await fetchText(deps, file, most);
    if (typeof bytes === 'string') return bytes;
    const text = decoded(bytes);
    if (text === undefined) return 'not_text';
    const told = fenced(file.filename, text);
    const size = Buffer.byteLength(told);
    return size > most ? 'large' : { text: told, size };
  } catch {
    return 'unread';
  }
}

/** Reads the text files of a message, one after the other, as long as there is room; says of the others why not. */
export async function readFiles(deps: FileDeps, files: readonly Attached[]): Promise<Files> {
  const texts: string[] = [];
  const leftOut: LeftOut[] = [];
  let room = FILES_BYTES;
  for (const file of files) {
    const got = await take(deps, file, room);
    if (typeof got === 'string') leftOut.push({ name: file.filename, why: got });
    else {
      room -= got.size;
      texts.push(got.text);
    }
  }
  return { text: texts.join('\n\n'), leftOut };
}
