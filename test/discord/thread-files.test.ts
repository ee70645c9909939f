import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Attached, FILES_BYTES, fileOriginsOf, readFiles } from '#discord/threads/files.ts';

let server: Server;
let origin: string;
let asked: string[];
const PATHS: Record<string, (response: ServerResponse) => void> = {
  '/a.txt': (response) => response.end('one\n'),
  '/b.md': (response) => response.end('```js\n1\n```'),
  '/latin.txt': (response) => response.end(Buffer.from([0x66, 0xfc, 0x72])),
  '/nul.txt': (response) => response.end('a\0b'),
  '/bom.txt': (response) => response.end('\uFEFFbom'),
  '/lies.txt': (response) => {
    response.on('error', () => {});
    const more = () => {
      if (response.destroyed) return;
      response.write('x'.repeat(64_000), () => setImmediate(more));
    };
    more();
  },
  '/ticks.txt': (response) => response.end('`'.repeat(FILES_BYTES / 2)),
  '/away.txt': (response) => response.writeHead(302, { location: '/a.txt' }).end(),
  '/gone.txt': (response) => response.writeHead(404).end('gone'),
  '/slow.txt': (response) => response.write('never'),
  '/full.txt': (response) => response.end('y'.repeat(FILES_BYTES - 60)),
};
beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push(request.url ?? '');
    (PATHS[request.url ?? ''] ?? ((other: ServerResponse) => other.writeHead(404).end()))(response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  asked = [];
});

const file = (filename: string, more: Partial<Attached> = {}): Attached => ({
  id: '1',
  filename,
  size: 4,
  url: `${origin}/${filename}`,
  ...more,
});
const PATIENT_MS = 15_000;
const read = (...files: Attached[]) => readFiles({ origins: [origin], timeoutMs: PATIENT_MS }, files);

describe('the files of a message', () => {
  test('are read as text below their names, and nothing in one can end its fence', async () => {
    const { text, leftOut } = await read(file('a.txt'), file('b.md'), file('bom.txt'));
    expect(text).toBe(
      'File `a.txt`:\n```\none\n```\n\nFile `b.md`:\n````\n```js\n1\n```\n````\n\nFile `bom.txt`:\n```\nbom\n```',
    );
    expect(leftOut).toEqual([]);
  });

  test.each([
    ['no text by its name and type', file('cat.png', { content_type: 'image/png' }), 'not_text', 0],
    ['too large by what is declared', file('a.txt', { size: 100 * 1024 * 1024 }), 'large', 0],
    ['too large although it was declared small', file('lies.txt'), 'large', 1],
    ['too large by the fence that it takes', file('ticks.txt'), 'large', 1],
    ['in another encoding', file('latin.txt'), 'not_text', 1],
    ['binary under a name of text', file('nul.txt'), 'not_text', 1],
    ['sent elsewhere', file('away.txt'), 'unread', 1],
    ['gone', file('gone.txt'), 'unread', 1],
  ] as const)('are left out where one is %s', async (_what, one, why, times) => {
    const own = { ...one, url: `${origin}/${one.filename}` };
    expect(await read(own)).toEqual({ text: '', leftOut: [{ name: one.filename, why }] });
    expect(asked).toHaveLength(times);
  });

  test('are not waited for without end', async () => {
    const one = file('slow.txt');
    const { leftOut } = await readFiles({ origins: [origin], timeoutMs: 100 }, [one]);
    expect(leftOut).toEqual([{ name: 'slow.txt', why: 'unread' }]);
  });

  test('share their room: what does not fit beside those before is left out', async () => {
    const { text, leftOut } = await read(
      file('full.txt', { size: FILES_BYTES - 60 }),
      file('b.md', { size: 40 }),
      file('a.txt'),
    );
    expect(leftOut).toEqual([{ name: 'b.md', why: 'large' }]);
    expect(text).toContain('File `a.txt`');
  });

  test('are never fetched from anywhere else', async () => {
    for (const url of [
      `${origin.replace('127.0.0.1', 'localhost')}/a.txt`,
      `${origin.replace('http://', 'http://name@').replace(/\d+$/, '1')}/a.txt`,
      'http://169.254.169.254/latest/a.txt',
      'https://cdn.discordapp.com.evil.example/a.txt',
      'data:text/plain,one',
      'not an address',
    ]) {
      expect((await read(file('a.txt', { url }))).leftOut, url).toEqual([{ name: 'a.txt', why: 'unread' }]);
    }
    expect(asked).toEqual([]);
  });

  test("come from Discord's own hosts, also behind a proxy, or from the one that stands in for it", () => {
    const discords = ['https://cdn.discordapp.com', 'https://media.discordapp.net'];
    expect(fileOriginsOf('https://discord.com/api')).toEqual(discords);
    expect(fileOriginsOf('https://canary.discord.com/api')).toEqual(discords);
    expect(fileOriginsOf('http://127.0.0.1:4000/api')).toEqual([...discords, 'http://127.0.0.1:4000']);
    expect(fileOriginsOf('https://evildiscord.com/api')).toEqual([...discords, 'https://evildiscord.com']);
  });
});
