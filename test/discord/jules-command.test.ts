import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { actorOf } from '#discord/actor-of.ts';
import { customId } from '#discord/custom-id.ts';
import { addKey } from '#guilds/add-key.ts';
import { changeSettings } from '#guilds/settings.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { aCommand, aPress, GUILD, PEOPLE, ROLES } from '../support/interaction.ts';
import { aDoor, readReply } from './setting.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await freshDatabase();
  const { deps } = aDoor(db.rpc);
  const admin = actorOf(aCommand(PEOPLE.admin, 'jules'), {
    door: 'gateway',
    command: 'test',
    correlation: crypto.randomUUID(),
  });
  await changeSettings(db.rpc, admin, {
    create_roles: [ROLES.create],
    confirm_roles: [ROLES.confirm],
    default_repo: 'acme/site',
  });
  await addKey(deps, admin, { owner: 'server', key: 'k'.repeat(30) + '1a2b' });
});
afterAll(() => db.close());

describe('/jules', () => {
  it('records a task that waits for an approver, and Confirm starts it', async () => {
    const { say } = aDoor(db.rpc);
    const reply = await say(aCommand(PEOPLE.requester, 'jules', { prompt: 'Fix the login test' }));
    expect(readReply(reply)).toContain('Task #1 recorded. It waits for an approver.');
    const [task] = await db.sql`select id, status from public.tasks`;
    expect(task?.['status']).toBe('pending_confirmation');
    const pressed = await say(aPress(PEOPLE.approver, customId('confirm', task?.['id'])));
    expect(pressed).toEqual({ kind: 'deferUpdate' });
    const [after] = await db.sql`select status from public.tasks`;
    expect(after?.['status']).toBe('in_progress');
    expect(GUILD).toBeTruthy();
  });
});
