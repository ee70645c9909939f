import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

export type FoundRegex = { readonly file: string; readonly source: string; readonly flags: string };

/** Behind these a slash divides; behind anything else it begins a regular expression. */
const VALUE_END = /(?:[\w$)\]}]|\+\+|--)$/;
const KEYWORD = /(?:^|[^\w$.])(?:return|typeof|case|in|of|do|else|void|delete|await|yield|instanceof|new|throw)$/;

function endOfString(code: string, from: number, quote: string): number {
  let at = from + 1;
  while (at < code.length && code[at] !== quote) at += code[at] === '\\' ? 2 : 1;
  return at + 1;
}

function endOfRegex(code: string, from: number): number {
  let inClass = false;
  let at = from + 1;
  for (; at < code.length; at += code[at] === '\\' ? 2 : 1) {
    const one = code[at];
    if (one === '\n') return -1;
    if (one === '[') inClass = true;
    else if (one === ']') inClass = false;
    else if (one === '/' && !inClass) return at;
  }
  return -1;
}

/** `before` is what was read last, without comments. */
type Scan = {
  readonly code: string;
  readonly found: Omit<FoundRegex, 'file'>[];
  readonly texts: FoundText[];
  before: string;
};

/** What stands in quotes, without what is computed in it. */
export type FoundText = { readonly text: string; readonly at: number };

/** Walks over the text of a template, and into what is computed in it. */
function endOfTemplate(scan: Scan, from: number): number {
  let at = from + 1;
  let text = '';
  while (at < scan.code.length && scan.code[at] !== '`') {
    const before = at;
    const isComputed = scan.code.startsWith('${', at);
    if (isComputed) at = walk(scan, at + 2, '}') + 1;
    else at += scan.code[at] === '\\' ? 2 : 1;
    text += isComputed ? '…' : scan.code.slice(before, at);
  }
  scan.texts.push({ text, at: from });
  return at + 1;
}

function regexAt(scan: Scan, at: number): number {
  const before = scan.before.trimEnd();
  const end = VALUE_END.test(before) && !KEYWORD.test(before) ? -1 : endOfRegex(scan.code, at);
  if (end < 0) return at + 1;
  const flags = /^[a-z]*/.exec(scan.code.slice(end + 1, end + 10))?.[0] ?? '';
  scan.found.push({ source: scan.code.slice(at + 1, end), flags });
  return end + 1 + flags.length;
}

function endOfComment(code: string, at: number): number {
  const end = code.startsWith('//', at) ? code.indexOf('\n', at) : code.indexOf('*/', at) + 2;
  return end < at + 2 ? code.length : end;
}

function endOfToken(scan: Scan, at: number): number {
  const one = scan.code[at];
  if (one === "'" || one === '"') {
    const end = endOfString(scan.code, at, one);
    scan.texts.push({ text: scan.code.slice(at + 1, end - 1), at });
    return end;
  }
  if (one === '`') return endOfTemplate(scan, at);
  return one === '/' ? regexAt(scan, at) : at + 1;
}

function next(scan: Scan, at: number): number {
  if (scan.code.startsWith('//', at) || scan.code.startsWith('/*', at)) return endOfComment(scan.code, at);
  const end = endOfToken(scan, at);
  scan.before = end === at + 1 ? `${scan.before.slice(-30)}${scan.code[at]}` : ')';
  return end;
}

/** To the end, or to the bracket that ends what is computed in a template. */
function walk(scan: Scan, from: number, end = ''): number {
  let depth = 0;
  let at = from;
  while (at < scan.code.length) {
    const one = scan.code[at];
    if (end && one === end && depth === 0) return at;
    if (one === '{') depth += 1;
    if (one === '}') depth -= 1;
    at = next(scan, at);
  }
  return at;
}

function scanned(code: string): Scan {
  const scan: Scan = { code, found: [], texts: [], before: '' };
  walk(scan, 0);
  return scan;
}

export const regexesIn = (code: string): Omit<FoundRegex, 'file'>[] => scanned(code).found;
export const textsIn = (code: string): FoundText[] => scanned(code).texts;

/** Every regular expression that is written down in a folder, each once. */
export async function regexesUnder(root: string): Promise<FoundRegex[]> {
  const files = (await readdir(root, { recursive: true })).filter((name) => /\.[tj]s$/.test(name));
  const all = await Promise.all(
    files.map(async (file) => regexesIn(await readFile(join(root, file), 'utf8')).map((one) => ({ file, ...one }))),
  );
  const byKey = new Map(all.flat().map((one) => [`${one.flags}/${one.source}`, one]));
  return [...byKey.values()];
}
