import { afterAll, beforeAll, expect, test } from 'vitest';
import { COMMANDS } from '#discord/commands/index.ts';
import { commandDefinitions } from '#discord/definitions.ts';
import { addKey, removeKey } from '#guilds/add-key.ts';
import { openKey, readKeyring } from '#guilds/keyring.ts';
import { readKeys } from '#guilds/read-keys.ts';
import { keyId } from '#kernel/ids.ts';
import { aDoor } from '../discord/setting.ts';
import { SHAPED } from '../support/canary-walk.ts';
import { dumpOf } from '../support/canary-world.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { aCommand, PEOPLE } from '../support/interaction.ts';
import { askAtRandom } from '../support/key-use.ts';
import { seeded } from '../support/seeded.ts';
import { aRequester, MASTER_KEYS } from '../support/tasks.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await freshDatabase();
});
afterAll(() => db.close());

const KEY = 'Qx7Jz9vT2zK4wPq8Rb3Yc6LdXe5ab12';
const keyring = readKeyring(MASTER_KEYS);
const deps = () => ({ rpc: db.rpc, keyring, perDay: 100, atOnce: 15 });

test('a task runs with a key of its requester or of its server, whoever else has one (T16)', async () => {
  const { asked, personal, foreign } = await askAtRandom(db, seeded(16), 60);
  expect(foreign).toEqual([]);
  expect(personal).toBeGreaterThan(5);
  expect(asked - personal).toBeGreaterThan(5);
});

test('no command takes a key as an option, where Discord would keep it in sight (C09)', () => {
  const options = JSON.stringify(commandDefinitions()).match(/"name":"[^"]*"/g) ?? [];
  expect(options.length).toBeGreaterThan(20);
  // `refused_key` is a choice: what happens to tasks whose key Jules refuses.
  const named = options.filter((name) => /key|secret|token|password/.test(name));
  expect(named.sort()).toEqual(['"name":"add-key"', '"name":"key"', '"name":"refused_key"', '"name":"remove-key"']);
});

const optionsOf = () =>
  COMMANDS.flatMap((command) =>
    ('subcommands' in command ? command.subcommands : [command]).flatMap((leaf) =>
      Object.entries(leaf.options).flatMap(([option, spec]) =>
        spec.kind === 'string' && !spec.choices && !spec.isProse
          ? [[leaf === command ? command.name : `${command.name} ${leaf.name}`, option] as const]
          : [],
      ),
    ),
  );

test('a key that is typed in an option by mistake is kept nowhere, and its owner is told to revoke it (C09)', async () => {
  const { lines, say } = aDoor(db.rpc);
  expect(optionsOf().length).toBeGreaterThan(8);
  for (const [name, option] of optionsOf()) {
    for (const typed of [SHAPED, `octo/${SHAPED}`]) {
      const others = name === 'jules' ? { prompt: 'Fix it' } : {};
      const reply = await say(aCommand(PEOPLE.admin, name, { ...others, [option]: typed }));
      expect(reply, `/${name} ${option}`).toMatchObject({ kind: 'message', refused: 'secret_in_option' });
      expect(JSON.stringify(reply)).not.toContain(SHAPED);
    }
  }
  expect(JSON.stringify(lines) + (await dumpOf(db.sql))).not.toContain(SHAPED);
});

test('a removed key opens nothing from that moment on, and its use before is shown (C10)', async () => {
  const person = aRequester({ id: '100000000000000077' });
  await addKey(deps(), person, { owner: 'person', key: KEY });
  const [row] = await db.sql<{ id: string }[]>`select id from verne.keys where owner_id = ${person.id}`;
  const id = keyId(row?.id ?? '');
  expect((await openKey(db.rpc, keyring, id))?.reveal()).toBe(KEY);
  const [listed] = (await readKeys(db.rpc)).filter(({ owner_id }) => owner_id === person.id);
  expect(listed?.used_at).toBeInstanceOf(Date);
  const opening = Array.from({ length: 20 }, () => openKey(db.rpc, keyring, id));
  await removeKey(db.rpc, person, 'person');
  await Promise.all(opening);
  expect(await openKey(db.rpc, keyring, id)).toBeNull();
  expect(await db.sql`select sealed, wrapped from verne.keys where id = ${id}`).toEqual([
    { sealed: null, wrapped: null },
  ]);
});
