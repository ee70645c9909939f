/** `npm run people -- forget --person ID`: an operator forgets somebody who asks for it. It cannot be taken back. */
import { parseArgs } from 'node:util';
import { readConfig } from '#config.ts';
import { openConfigured } from '#db/open-database.ts';
import { messageOf, Refusal } from '#kernel/errors.ts';
import { makeLog } from '#kernel/log.ts';
import { forgetPerson } from '#tasks/forget-person.ts';
import { operator } from './operator.ts';

const USAGE = `npm run people -- forget --person ID
--person: the id of a Discord user. What they did stays in the audit, under a pseudonym that leads to nobody.`;

const isParseError = (error: unknown) => String((error as { code?: unknown }).code).startsWith('ERR_PARSE_ARGS');

function readWish(): { readonly person: string } {
  const { values, positionals } = parseArgs({ options: { person: { type: 'string' } }, allowPositionals: true });
  if (positionals.join(' ') !== 'forget') throw new Refusal('usage', 'Say what to do: forget.');
  if (!/^\d{15,20}$/.test(values.person ?? ''))
    throw new Refusal('usage', '--person wants the id of a Discord user, 15 to 20 digits.');
  return { person: values.person ?? '' };
}

async function forget(person: string): Promise<string> {
  const log = makeLog({ level: 'warn', secrets: [], destination: process.stderr });
  const database = await openConfigured(readConfig(process.env), log);
  try {
    const outcome = await forgetPerson(database.worker, operator('people forget'), person);
    if (outcome.kind === 'forgotten')
      return `Person ${person} is forgotten: they had asked for ${outcome.tasks} tasks. Their cards in Discord are shown anew by the running bot.`;
    if (outcome.kind === 'not_permitted') throw new Error('the database does not take this command from an operator.');
    const numbers = outcome.numbers.map((number) => `#${number}`).join(', ');
    throw new Refusal('open_tasks', `they have open tasks (${numbers}). Have these decided or cancelled first.`);
  } finally {
    await database.stop();
  }
}

try {
  console.log(await forget(readWish().person));
} catch (error) {
  const isUsage = isParseError(error) || (error instanceof Refusal && error.code === 'usage');
  console.error(isUsage ? `${messageOf(error)}\n${USAGE}` : `Nobody was forgotten: ${messageOf(error)}`);
  process.exitCode = isUsage ? 2 : 1;
}
