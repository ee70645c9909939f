import { execFileSync } from 'node:child_process';
import { appendFile, chmod, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { taskId } from '#kernel/ids.ts';
import { newestPatch } from '#tasks/patch.ts';
import { salvagePatch } from '#tasks/salvage-patch.ts';
import type { TaskView } from '#tasks/task.ts';
import { anActor } from '../support/actors.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { aSession } from '../support/tasks.ts';
import { openStage, type Stage } from './stage.ts';

/** A patch goes from Jules through the database and Discord into somebody's repository. */
let db: TestDatabase;
let stage: Stage;
let task: TaskView;
let folder: string;
beforeAll(async () => {
  db = await freshDatabase();
});
afterAll(() => db.close());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'verne-patch-'));
  stage = await openStage(db);
  task = await stage.aTask();
  await stage.decide(task, 'confirm');
  await stage.bot.show(task.id);
});
afterEach(async () => {
  await stage.close();
  await rm(folder, { recursive: true, force: true });
});

const HOME = { GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_SYSTEM: '/dev/null', PATH: process.env['PATH'] ?? '' };
const AUTHOR = ['-c', 'user.name=A', '-c', 'user.email=a@example.com', '-c', 'init.defaultBranch=main'];
const gitIn = (cwd: string, ...args: string[]) =>
  execFileSync('git', [...AUTHOR, ...args], { cwd, env: HOME, stdio: ['ignore', 'pipe', 'ignore'] }).toString();
const treeOf = (cwd: string) => {
  gitIn(cwd, 'add', '--all');
  return gitIn(cwd, 'write-tree').trim();
};

/** A repository with everything in it that a patch may stumble over, and what Jules makes of it. */
async function aRepository() {
  const origin = join(folder, 'origin');
  await mkdir(origin);
  gitIn(origin, 'init', '-q');
  await writeFile(join(origin, 'dos.txt'), 'one\r\ntwo\r\nthree\r\n');
  await writeFile(join(origin, 'open.txt'), 'a last line without an end');
  await writeFile(join(origin, 'run.sh'), 'echo run\n');
  await writeFile(join(origin, 'gone.md'), '@everyone `not` a [mention](https://example.com) ``` here\n');
  await writeFile(join(origin, 'picture.bin'), Buffer.from([0, 1, 2, 3, 255, 254]));
  await writeFile(join(origin, 'old name.txt'), 'moved\n'.repeat(20));
  treeOf(origin);
  gitIn(origin, 'commit', '-q', '-m', 'base');
  const clone = join(folder, 'clone');
  gitIn(folder, 'clone', '-q', origin, clone);
  await writeFile(join(origin, 'dos.txt'), 'one\r\n2 \t\r\nthree\r\n');
  await appendFile(join(origin, 'open.txt'), ', \u{1f680} \u00e4 \u202e @here <@1300000000000000023> ```');
  await chmod(join(origin, 'run.sh'), 0o755);
  await rm(join(origin, 'gone.md'));
  await writeFile(join(origin, 'picture.bin'), Buffer.from([9, 0, 255, 0, 7]));
  await rename(join(origin, 'old name.txt'), join(origin, 'n\u00e4me.txt'));
  await writeFile(join(origin, 'new.md'), '# New\n\n- **bold**\n\n\n');
  const tree = treeOf(origin);
  return {
    clone,
    tree,
    base: gitIn(origin, 'rev-parse', 'HEAD').trim(),
    patch: gitIn(origin, 'diff', '--cached', '--binary'),
  };
}

/** What a person finds in the thread after they pressed Get the patch. */
async function salvaged(patch: string, baseCommit: string | null = null) {
  const outputs = [{ kind: 'changeSet', patch, patchChars: patch.length, baseCommit }];
  const kept = newestPatch(aSession({ outputs }), []);
  await db.sql`select verne.keep_patch(${task.id}, ${db.sql.json(kept as never)})`;
  const { id } = stage.requester;
  const actor = anActor({ id, roles: [...stage.requester.roles], guild: stage.guild.id, channel: stage.channel.id });
  expect((await salvagePatch(db.rpc, actor, taskId(task.id))).kind).toBe('posted');
  await stage.bot.show(task.id);
  const message = stage.messagesIn((await stage.row(task)).thread_id).find(({ attachments }) => attachments.length > 0);
  const [attached] = message?.attachments ?? [];
  const file = join(folder, attached?.filename ?? '');
  await writeFile(file, stage.world.files.get(attached?.id ?? '')?.bytes ?? '');
  return { file, name: attached?.filename ?? '', content: message?.content ?? '' };
}

/** The lines that the message offers to be copied, as they stand there. */
function pasted(clone: string, content: string) {
  const lines = /```sh\n(?<lines>[\s\S]*?)\n```/.exec(content)?.groups?.['lines'] ?? '';
  execFileSync('bash', ['-ec', lines], { cwd: clone, env: HOME, stdio: 'pipe' });
}

describe('a patch that was saved', () => {
  test('makes the same tree of a clone by the lines beside it, byte for byte', async () => {
    const { clone, tree, base, patch } = await aRepository();
    const { file, name, content } = await salvaged(patch, base);
    expect(await readFile(file, 'utf8')).toBe(patch);
    expect(name).toBe(`task-${task.number}.patch`);
    expect(content).toContain(`git switch -c jules/task-${task.number} ${base}\n`);
    await rename(file, join(clone, name));
    await appendFile(join(clone, '.git/info/exclude'), '*.patch\n');
    pasted(clone, content);
    expect(treeOf(clone)).toBe(tree);
    expect(gitIn(clone, 'branch', '--show-current').trim()).toBe(`jules/task-${task.number}`);
  });

  test('applies also where Jules left out the end of its last line, and its commit', async () => {
    const { clone, tree, patch } = await aRepository();
    const { name, file, content } = await salvaged(patch.trimEnd().concat('\n').slice(0, -1), 'HEAD; rm -rf /');
    expect(content).not.toContain('rm -rf');
    expect(content).toContain('did not say which commit');
    await rename(file, join(clone, name));
    await appendFile(join(clone, '.git/info/exclude'), '*.patch\n');
    pasted(clone, content);
    expect(treeOf(clone)).toBe(tree);
  });

  test('shows no secret, and says where it does not apply any more', async () => {
    const key = `AIza${'S'.repeat(35)}`;
    const { file, content } = await salvaged(
      `diff --git a/.env b/.env\n--- /dev/null\n+++ b/.env\n@@ -0,0 +1 @@\n+KEY=${key}\n`,
    );
    expect(await readFile(file, 'utf8')).not.toContain(key);
    expect(content).toMatch(/1 value is masked in it.*does not apply there/);
  });

  test('mentions who asked for it, and nobody else', async () => {
    const { content } = await salvaged('diff @everyone\n');
    expect(content).toMatch(
      new RegExp(`^📦 <@${stage.requester.id}> The last patch of task #${task.number}, 15 characters`),
    );
  });
});
