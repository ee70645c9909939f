import { readFile } from 'node:fs/promises';
import { extname, join, normalize, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FastifyInstance } from 'fastify';

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.webmanifest': 'application/manifest+json',
};

const HEADERS = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
} as const;

const PAGE = fileURLToPath(new URL('page', import.meta.url));

/** A file inside the folder, of a kind that the page uses; anything else does not exist. */
function fileFor(folder: string, path: string): string | undefined {
  const wanted = path === '' ? 'index.html' : path;
  if (wanted.includes('\0') || wanted.includes('\\')) return undefined;
  const full = normalize(join(folder, wanted));
  const isInside = full.startsWith(folder + sep);
  return isInside && CONTENT_TYPES[extname(full)] !== undefined ? full : undefined;
}

/** Serves the page's own files at `/`. */
export function registerPage(app: FastifyInstance, folder: string = PAGE): void {
  app.get<{ Params: { '*': string } }>('/*', async ({ params }, reply) => {
    const file = fileFor(folder, params['*']);
    const bytes = file === undefined ? undefined : await readFile(file).catch(() => undefined);
    if (file === undefined || bytes === undefined) {
      return reply.code(404).headers(HEADERS).send({ error: 'There is no such page.' });
    }
    return reply
      .headers(HEADERS)
      .type(CONTENT_TYPES[extname(file)] ?? 'application/octet-stream')
      .send(bytes);
  });
}
