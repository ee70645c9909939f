import { afterAll, beforeAll, expect, test } from 'vitest';
import { requestTask } from '#tasks/request-task.ts';
import { anActor } from '../support/actors.ts';
import { clientOf, isSeen, signUp } from '../support/dashboard.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { type Postgrest, startPostgrest } from '../support/postgrest.ts';
import { aServer, CONFIRM_ROLE, someSources } from '../support/tasks.ts';

const GUILD = '910000000000000001';
const NEW_ROLE = '300000000000000009';

let db: TestDatabase;
let postgrest: Postgrest;
beforeAll(async () => {
  db = await freshDatabase();
  postgrest = await startPostgrest(db);
});
afterAll(async () => {
  await postgrest?.stop();
  await db?.close();
});

test('an edit through PostgREST under RLS takes effect on the next command, without a restart', async () => {
  const admin = await signUp(db);
  await isSeen(db, admin, { guild: GUILD, admin: true });
  await someSources(db, await aServer(db, { guild: GUILD }), ['octo/repo', 'octo/tools']);
  const somebody = anActor({ guild: GUILD, roles: [NEW_ROLE] });
  // The bot's own connections, open since before the edit.
  const jules = () => requestTask(db.rpc, somebody, { requestKey: crypto.randomUUID(), prompt: 'Fix it' });
  expect(await jules()).toMatchObject({ kind: 'not_permitted' });

  const supabase = await clientOf(postgrest, admin);
  const edit = (values: object) =>
    supabase.from('guilds').update(values).eq('guild_id', GUILD).select('revision').single().throwOnError();
  const confirm_roles = [CONFIRM_ROLE];
  await edit({
    permissions: { create_roles: [NEW_ROLE], confirm_roles },
    default_repo: 'octo/tools',
    default_branch: 'dev',
  });
  expect(await jules()).toMatchObject({
    kind: 'requested',
    task: { repo: 'octo/tools', branch: 'dev', status: 'pending_confirmation' },
  });

  await edit({ permissions: { create_roles: [NEW_ROLE], confirm_roles: [NEW_ROLE] } });
  expect(await jules()).toMatchObject({ kind: 'requested', task: { status: 'in_progress' } });

  await edit({ permissions: { create_roles: [CONFIRM_ROLE], confirm_roles } });
  expect(await jules()).toMatchObject({ kind: 'not_permitted', roles: [CONFIRM_ROLE, CONFIRM_ROLE] });
});
