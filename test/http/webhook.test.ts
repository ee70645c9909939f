import { execFile } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { buildApp } from '#http/app.ts';
import { makeMetrics } from '#http/metrics.ts';
import { isAuthentic, JULES_WEBHOOK, type JulesReport, readReport } from '#jules/webhook.ts';
import { Refusal, RemoteFailure } from '#kernel/errors.ts';
import { makeLog } from '#kernel/log.ts';

const SECRET = 'a secret of sixteen or more';
const PR = 'https://github.com/octo/repo/pull/7';
const SESSION = '17753085909492805070';

let app: FastifyInstance;
let origin: string;
let received: JulesReport[] = [];
let failing: Error | undefined;

beforeAll(async () => {
  const log = makeLog({ level: 'silent', secrets: [] });
  app = await buildApp({
    log,
    metrics: makeMetrics({ readStats: async () => [] }),
    trustedProxies: 0,
    health: {
      loopLagMs: () => 0,
      isDraining: () => false,
      readDatabase: async () => ({ now: new Date(), migration: '1', writable: true }),
      migration: '1',
      isKeyringSound: () => true,
    },
    webhooks: {
      logRefusal: () => {},
      webhooks: [
        {
          ...JULES_WEBHOOK,
          bodyLimitBytes: 64 * 1024,
          isAuthentic: ({ body, headers }) =>
            isAuthentic(
              {
                body,
                signature: headers['x-verne-signature'] as string,
                authorization: headers.authorization as string,
              },
              [SECRET],
            ),
          receive: async ({ body }) => {
            if (failing) throw failing;
            received.push(readReport(body, new Date()));
            return { kind: 'accepted' };
          },
        },
      ],
    },
  });
  origin = await app.listen({ host: '127.0.0.1', port: 0 });
});
afterAll(() => app.close());
beforeEach(() => {
  received = [];
  failing = undefined;
});

const report = (facts: object = {}) =>
  JSON.stringify({ id: 'r1', at: new Date().toISOString(), session: SESSION, pr_url: PR, ...facts });
const sign = (body: string | Buffer, secret = SECRET) =>
  `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;

async function send(body: string, headers: Record<string, string> = { 'x-verne-signature': sign(body) }) {
  const response = await fetch(`${origin}/webhook/jules`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  });
  return {
    status: response.status,
    body: (await response.json()) as { error?: { code: string; message: string; correlation_id: string } },
  };
}

describe('a report', () => {
  test('is stored and answered 202, signed or with the secret', async () => {
    const body = report();
    expect((await send(body)).status).toBe(202);
    expect((await send(body, { authorization: `Bearer ${SECRET}` })).status).toBe(202);
    expect(received).toHaveLength(2);
  });

  test.each([
    ['no proof', {}],
    ['a signature by another secret', { 'x-verne-signature': sign(report(), 'another secret, just as long') }],
    ['a wrong bearer', { authorization: 'Bearer nobody told me the secret' }],
  ])('with %s is refused before it is read', async (_what, headers) => {
    const answer = await send('not even JSON', headers);
    expect(answer).toMatchObject({ status: 401, body: { error: { code: 'bad_signature' } } });
    expect(received).toEqual([]);
  });

  test.each([
    ['not JSON', 'x', 400, 'bad_report'],
    ['of nothing', '{}', 400, 'bad_report'],
    ['of yesterday', report({ at: '2020-01-01T00:00:00Z' }), 400, 'stale_report'],
    ['too long', JSON.stringify({ id: 'x'.repeat(70_000) }), 413, 'too_large'],
  ])('%s is refused with a sentence', async (_what, body, status, code) => {
    const answer = await send(body);
    expect([answer.status, answer.body.error?.code]).toEqual([status, code]);
    expect(answer.body.error?.correlation_id).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('compressed, or of another type, is refused', async () => {
    const body = report();
    expect((await send(body, { 'x-verne-signature': sign(body), 'content-encoding': 'gzip' })).status).toBe(415);
    expect((await send(body, { 'x-verne-signature': sign(body), 'content-type': 'text/plain' })).status).toBe(415);
  });

  test('about a task that nobody knows, or a foreign pull request, says so by its status', async () => {
    for (const [code, status] of [
      ['unknown_task', 404],
      ['foreign_pull_request', 422],
    ] as const) {
      failing = new Refusal(code, 'a sentence');
      expect(await send(report())).toMatchObject({ status, body: { error: { code, message: 'a sentence' } } });
    }
  });

  test('that could not be stored is never said to be', async () => {
    failing = new RemoteFailure('secret words of the database', { service: 'database', code: '08006', retry: 'soon' });
    const answer = await send(report());
    expect(answer).toMatchObject({ status: 503, body: { error: { code: 'database_away', retryable: true } } });
    expect(JSON.stringify(answer)).not.toContain('secret words');
  });
});

test('the description names the fields that are taken, and a call for the shell', async () => {
  const document = (await (await fetch(`${origin}/openapi.json`)).json()) as {
    paths: Record<string, { post: { requestBody: { content: Record<string, { schema: { properties: object } }> } } }>;
  };
  const { post } = document.paths['/webhook/jules'] ?? {};
  const schema = post?.requestBody.content['application/json']?.schema;
  expect(Object.keys(schema?.properties ?? {}).sort()).toEqual([
    'at',
    'id',
    'pr_url',
    'session',
    'state',
    'summary',
    'task_id',
  ]);
  expect(JSON.stringify(post)).toContain('curl -sS');
  expect(JSON.stringify(post)).toContain('by-hand-$(date +%s)');
});

describe('the workflow of GitHub Actions', () => {
  let folder: string;
  let yaml: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'verne-workflow-'));
    yaml = await readFile(new URL('../../docs/examples/report-to-verne.yml', import.meta.url), 'utf8');
    const [, script = ''] = yaml.split(/^ {8}run: \|\n/m);
    await writeFile(join(folder, 'report.cjs'), script.replaceAll(/^ {10}/gm, ''));
  });
  afterAll(() => rm(folder, { recursive: true }));

  /** What GitHub knows when the workflow runs. */
  const context = (pull: object, { action = 'opened', secret = SECRET } = {}) => ({
    vars: { VERNE_URL: origin },
    secrets: { VERNE_WEBHOOK_SECRET: secret },
    github: {
      repository: 'octo/repo',
      event: {
        action,
        pull_request: {
          id: 7001,
          html_url: PR,
          body: null,
          updated_at: '2026-11-20T11:00:00Z',
          head: { ref: 'main', repo: { full_name: 'octo/repo' } },
          ...pull,
        },
      },
    },
  });
  type Context = ReturnType<typeof context>;
  const onBranch = (ref: string, full_name = 'octo/repo') => ({ head: { ref, repo: { full_name } } });

  const lookUp = (path: string, within: Context) =>
    path.split('.').reduce<unknown>((value, name) => (value as Record<string, unknown> | null)?.[name], within);

  /** The job's `if`, as the runner decides it: equalities joined by &&; a value that is not there equals no text. */
  const isRun = (within: Context) => {
    const [, condition] = /^ {4}if: (.+)$/m.exec(yaml) ?? [];
    return (condition?.split(' && ') ?? []).every((part) => {
      const [, left = '', right = ''] = /^([\w.]+) == ([\w.]+)$/.exec(part) ?? [];
      const [one, other] = [lookUp(left, within), lookUp(right, within)];
      return typeof one === 'string' && typeof other === 'string' && one.toLowerCase() === other.toLowerCase();
    });
  };

  /** As the runner does it: the script in a file, run by node, with what the workflow puts into its environment. */
  const run = async (within: Context) => {
    if (!isRun(within)) return { stdout: 'skipped' };
    const lines = yaml.matchAll(/^ {10}(\w+): \$\{\{ ([\w.]+) \}\}$/gm);
    const env = Object.fromEntries([...lines].map(([, name, path = '']) => [name, String(lookUp(path, within) ?? '')]));
    return promisify(execFile)(process.execPath, [join(folder, 'report.cjs')], { env });
  };

  test('reports the session that Jules names in the footer or at the end of the branch', async () => {
    const footer = `*PR created automatically by Jules for task [${SESSION}](https://jules.google.com/task/${SESSION}) started by @x*`;
    await run(context({ body: footer }));
    await run(context(onBranch(`add-health-check-${SESSION}`)));
    expect(received).toMatchObject([
      { session: SESSION, pr_url: PR },
      { session: SESSION, pr_url: PR },
    ]);
  });

  test('leaves a fork alone, which anybody may open, even where it is deleted', async () => {
    const branch = `x-${SESSION}`;
    expect((await run(context(onBranch(branch, 'stranger/repo')))).stdout).toBe('skipped');
    expect((await run(context({ head: { ref: branch, repo: null } }))).stdout).toBe('skipped');
    expect(received).toEqual([]);
  });

  test('makes a new report of a pull request that is opened again, and the same one of a run that is repeated', async () => {
    const opened = context(onBranch(`x-${SESSION}`));
    const again = { ...onBranch(`x-${SESSION}`), updated_at: '2026-11-20T12:00:00Z' };
    await run(opened);
    await run(opened);
    await run(context(again, { action: 'reopened' }));
    await run(context({ ...again, updated_at: '2026-11-20T13:00:00Z' }, { action: 'reopened' }));
    const ids = received.map(({ id }) => id);
    expect(ids[0]).toBe('github:7001:opened:2026-11-20T11:00:00Z');
    expect([ids.length, new Set(ids).size]).toEqual([4, 3]);
  });

  test('leaves other pull requests alone, and does not fail over a session that Verne did not start', async () => {
    const byHand = await run(context({ body: 'by hand; $(touch x) `id`', ...onBranch('feature/1') }));
    expect(byHand.stdout).toContain('not by Jules');
    failing = new Refusal('unknown_task', 'a sentence');
    expect((await run(context(onBranch(`x-${SESSION}`)))).stdout).toContain('404');
    expect(received).toEqual([]);
  });

  test('fails where the secret is wrong, so that somebody sees it', async () => {
    await expect(run(context(onBranch(`x-${SESSION}`), { secret: 'not the secret of this bot' }))).rejects.toThrow();
  });
});
