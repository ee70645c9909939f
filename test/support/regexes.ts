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

type Scan = { readonly code: string; readonly found: Omit<FoundRegex, 'file'>[] };

/** Walks over the text of a template, and into what is computed in it. */
function endOfTemplate(scan: Scan, from: number): number {
  let at = from + 1;
  while (at < scan.code.length && scan.code[at] !== '`') {
    if (scan.code.startsWith('${', at)) at = walk(scan, at + 2, '}') + 1;
    else at += scan.code[at] === '\\' ? 2 : 1;
  }
  return at + 1;
}

function regexAt({ code, found }: Scan, at: number): number {
  const before = code.slice(Math.max(0, at - 40), at).trimEnd();
  const end = VALUE_END.test(before) && !KEYWORD.test(before) ? -1 : endOfRegex(code, at);
  if (end < 0) return at + 1;
  const flags = /^[a-z]*/.exec(code.slice(end + 1, end + 10))?.[0] ?? '';
  found.push({ source: code.slice(at + 1, end), flags });
  return end + 1 + flags.length;
}

function next(scan: Scan, at: number): number {
  const { code } = scan;
  const one = code[at];
  if (code.startsWith('//', at)) return (code.indexOf('\n', at) + 1 || code.length + 1) - 1;
  if (code.startsWith('/*', at)) return code.indexOf('*/', at) + 2;
  if (one === "'" || one === '"') return endOfString(code, at, one);
  if (one === '`') return endOfTemplate(scan, at);
  if (one === '/') return regexAt(scan, at);
  return at + 1;
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

export function regexesIn(code: string): Omit<FoundRegex, 'file'>[] {
  const scan: Scan = { code, found: [] };
  walk(scan, 0);
  return scan.found;
}

/** Every regular expression that is written down in a folder, each once. */
export async function regexesUnder(root: string): Promise<FoundRegex[]> {
  const files = (await readdir(root, { recursive: true })).filter((name) => /\.[tj]s$/.test(name));
  const all = await Promise.all(
    files.map(async (file) => regexesIn(await readFile(join(root, file), 'utf8')).map((one) => ({ file, ...one }))),
  );
  const byKey = new Map(all.flat().map((one) => [`${one.flags}/${one.source}`, one]));
  return [...byKey.values()];
}
