import type { ServerResponse } from 'node:http';
import { spellingsOf } from './canary.ts';
import type { Meddle, Tapped } from './tapping-proxy.ts';

/** What of Jules a call is about, as far as ills choose by it. */
const CALLS: readonly (readonly [name: string, method: string, path: RegExp])[] = [
  ['sources', 'GET', /\/sources(\?|$)/],
  ['create', 'POST', /\/sessions$/],
  ['list', 'GET', /\/sessions(\?|$)/],
  ['get', 'GET', /\/sessions\/[^/:?]+$/],
  ['approve', 'POST', /:approvePlan$/],
  ['activities', 'GET', /\/activities(\?|$)/],
];
export const CALL_NAMES = CALLS.map(([name]) => name);

const callOf = ({ method, path }: Tapped) =>
  CALLS.find(([, wanted, shape]) => method === wanted && shape.test(path))?.[0];

type Echo = (response: ServerResponse, echo: string) => void;

const json = (response: ServerResponse, status: number, echo: string) =>
  response
    .writeHead(status, { 'content-type': 'application/json' })
    .end(JSON.stringify({ error: { code: status, status: `DENIED_${echo}`, message: `API key ${echo} not valid` } }));

/** Answers that repeat the key they were asked with. */
export const ILLS: Readonly<Record<string, Echo>> = {
  ...Object.fromEntries(
    [400, 401, 403, 404, 429, 500, 503].map((status) => [
      String(status),
      (response: ServerResponse, echo: string) => void json(response, status, echo),
    ]),
  ),
  // The message is cut at 200 characters, here within the key.
  'cut 403': (response, echo) => void json(response, 403, `${'x'.repeat(172)} ${echo}`),
  'html 502': (response, echo) =>
    void response
      .writeHead(502, { 'content-type': 'text/html' })
      .end(`<html><h1>Bad gateway</h1><pre>x-goog-api-key: ${echo}</pre></html>`),
  'no JSON': (response, echo) => void response.writeHead(200, { 'content-type': 'application/json' }).end(`"${echo}`),
  'bare words': (response, echo) => void response.writeHead(200, { 'content-type': 'text/plain' }).end(echo),
  'other JSON': (response, echo) =>
    void response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify([{ name: echo, sessions: echo }])),
  redirect: (response, echo) =>
    void response.writeHead(302, { location: `/?key=${encodeURIComponent(echo)}` }).end(echo),
  cut: (response, echo) => {
    response.writeHead(200, { 'content-length': '100000' });
    response.write(echo, () => void response.socket?.destroy());
  },
};

export type Armed = { readonly call: string; readonly ill: string; readonly isLasting?: boolean };

export type Ills = {
  arm(...ills: readonly Armed[]): void;
  /** What has not happened yet. */
  left(): readonly Armed[];
  clear(): void;
  /** How many answers repeated the key. */
  echoes(): number;
  readonly meddle: Meddle;
};

/** Each echo writes the key in the next of its spellings. */
export function echoingIlls(): Ills {
  let armed: Armed[] = [];
  let echoes = 0;
  return {
    arm: (...ills) => void armed.push(...ills),
    left: () => armed,
    clear: () => {
      armed = [];
    },
    echoes: () => echoes,
    meddle: (request, response) => {
      const found = armed.find(({ call }) => call === callOf(request));
      const key = String(request.headers['x-goog-api-key'] ?? '');
      if (!found) return false;
      if (!found.isLasting) armed = armed.filter((one) => one !== found);
      const spellings = spellingsOf(key);
      ILLS[found.ill]?.(response, spellings[echoes++ % spellings.length]?.[1] ?? key);
      return true;
    },
  };
}
