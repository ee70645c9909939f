import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { customId } from '#discord/custom-id.ts';
import { FOR_JULES } from '#discord/for-jules.ts';
import { type Reply, toResponse } from '#discord/reply.ts';
import { de } from '#discord/words/de.ts';
import { en } from '#discord/words/en.ts';
import { removeKey } from '#guilds/add-key.ts';
import { changeSettings } from '#guilds/settings.ts';
import { taskId } from '#kernel/ids.ts';
import { readTask } from '#tasks/read-task.ts';
import { freshDatabase, type TestDatabase } from '../../support/database.ts';
import { aCommand, aForm, aModal, aPress, newSnowflake, PEOPLE, type Person } from '../../support/interaction.ts';
import { finderOf, textsOf } from '../../support/spoken.ts';
import { actorFor, aDoor, askFor, readReply, setUp, tasksOf } from '../setting.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await freshDatabase();
});
beforeEach(() => setUp(db));
afterAll(() => db.close());

const { admin, approver, requester, outsider } = PEOPLE;
const second = { ...approver, id: newSnowflake() };
const english = finderOf(en, de);

type Verb = Parameters<typeof customId>[0];
const idOf = (verb: string, target: string) => customId(verb as Verb, target as never);
/** What people ask, each in the language of their Discord. */
const speaker = (locale: string) => {
  const say = (payload: Parameters<ReturnType<typeof aDoor>['say']>[0]) => aDoor(db.rpc).say(payload);
  return {
    jules: (person: Person, values = {}, facts = {}) => say(aCommand(person, 'jules', values, { locale, ...facts })),
    press: (person: Person, verb: string, target: string) =>
      say(aPress(person, idOf(verb, target), undefined, { locale })),
    write: (person: Person, verb: string, answer: { target: string; text: string }) =>
      say(aModal(person, idOf(verb, answer.target), answer.text, { locale })),
    send: (person: Person, verb: string, form: { target: string; fields: object }) =>
      say(aForm(person, idOf(verb, form.target), { ...form.fields }, { locale })),
  };
};
type Speaker = ReturnType<typeof speaker>;

const settings = (changes: object) => changeSettings(db.rpc, actorFor(admin), changes);
const ABOUT = '0a1b2c3d4e5f';
/** A task whose session Jules has finished. */
async function finished(): Promise<string> {
  const task = await askFor(db);
  await speaker('en-US').press(approver, 'confirm', task);
  await db.sql`update verne.sessions set phase = 'done_pr', name = ${`sessions/${task}`}, admitted_at = verne.now(),
    attempts = 1, opened_at = verne.now(), approved_at = verne.now(), ended_at = verne.now() where task_id = ${task}`;
  await db.sql`update public.tasks set status = 'completed', pr_url = 'https://github.com/acme/site/pull/7' where id = ${task}`;
  return task;
}
async function running(): Promise<string> {
  const task = await askFor(db);
  await speaker('en-US').press(approver, 'confirm', task);
  await db.sql`update verne.sessions set phase = 'working', name = ${`sessions/${task}`}, opened_at = verne.now(), admitted_at = verne.now(), attempts = 1 where task_id = ${task}`;
  return task;
}

async function ownTask(): Promise<string> {
  await speaker('en-US').jules(approver, { prompt: 'x' });
  return (await tasksOf(db)).at(-1)?.id ?? '';
}

/** Each asks for something else, and says how the German answer begins. */
type Asked = readonly [ask: (by: Speaker) => Promise<Reply>, german: RegExp];
async function asked(): Promise<Asked[]> {
  const [waiting, edited, going, done] = [await askFor(db), await askFor(db), await running(), await finished()];
  const fields = { prompt: 'Other words', repo: 'acme/site', branch: 'main' };
  const blank = { target: done, text: ' ' };
  return [
    [
      (by) => by.jules(requester, { prompt: 'x' }),
      /^🧠 Aufgabe #\d+ ist festgehalten\. Sie wartet auf eine Freigabe\./,
    ],
    [(by) => by.jules(approver, { prompt: 'x' }), /^🛠 Aufgabe #\d+ beginnt\.\n`acme\/site` @ `main` \(Standard des/],
    [(by) => by.jules(requester, { prompt: 'x' }, { app_permissions: '0' }), /^Ich kann in diesem Kanal keine Aufgabe/],
    [(by) => by.press(requester, 'confirm', waiting), /^Das darfst du/],
    [(by) => by.press(outsider, 'edit', waiting), /^Nur <@\d+> darf diese Aufgabe bearbeiten/],
    [(by) => by.send(requester, 'editing', { target: `${edited}.0`, fields }), /^✏️ Aufgabe #\d+ ist bearbeitet\./],
    [
      (by) => by.send(requester, 'editing', { target: `${edited}.0`, fields: { ...fields, prompt: 'y' } }),
      /^Aufgabe #/,
    ],
    [(by) => by.send(requester, 'editing', { target: `${edited}.1`, fields }), /^In Aufgabe #\d+ steht, was vorher/],
    [(by) => by.press(approver, 'confirm', edited), /bearbeitet, seit diese Schaltfläche .* auf „Freigeben“\.$/],
    [
      (by) => by.press(second, 'confirm', going),
      /^Zu spät für Aufgabe #\d+\. Sie wurde schon freigegeben, von <@\d+> </,
    ],
    [(by) => by.press(approver, 'reject', done), /^Zu spät für Aufgabe #\d+\. Jules ist schon damit fertig\.$/],
    [
      (by) => by.write(approver, 'reject-reason', { target: waiting, text: ' ' }),
      /^Eine Ablehnung braucht einen Grund/,
    ],
    [(by) => by.write(approver, 'replying', { target: waiting, text: 'x' }), /^Die Aufgabe ist noch nicht freigegeben/],
    [(by) => by.write(requester, 'replying', { target: going, text: 'x' }), /^📨 Für Jules aufgehoben/],
    [(by) => by.write(requester, 'replying', { target: going, text: ' ' }), /^Es steht nichts darin, also wurde Jules/],
    [(by) => by.press(requester, 'go-on', `${going}.${ABOUT}`), /^Jules wartet nicht mehr auf diese Antwort/],
    [(by) => by.press(requester, 'nudge', `${going}.${ABOUT}`), /^Jules ist inzwischen weiter/],
    [(by) => by.write(requester, 'changes', { target: `${going}.${ABOUT}`, text: 'x' }), /^Das ist nicht der Plan/],
    [(by) => by.press(approver, 'approve_plan', `${going}.${ABOUT}`), /^Das ist nicht der Plan/],
    [(by) => by.press(approver, 'approve_plan', `${done}.${ABOUT}`), /^Die Aufgabe ist vorbei/],
    [(by) => by.press(approver, 'plan_again', going), /^Ihr Plan wartet nicht darauf/],
    [(by) => by.press(approver, 'get_patch', going), /^Von dieser Aufgabe gibt es keinen Patch mehr/],
    [(by) => by.press(approver, 'prompt', going), /^Der Prompt von Aufgabe #\d+ \(\d+ Zeichen\):/],
    [(by) => by.press(approver, 'prompt', crypto.randomUUID()), /^Auf diesem Server gibt es diese Aufgabe nicht/],
    [(by) => by.write(requester, 'following-anew', blank), /^Es steht nichts darin, also wurde nichts festgehalten/],
    [(by) => by.send(requester, 'retrying', { target: going, fields }), /^Aufgabe #\d+ ist inzwischen weiter/],
    [(by) => by.press(approver, 'cancel', waiting), /^🚫 Aufgabe #\d+ ist abgebrochen\. Es ist nichts gelaufen\./],
    [(by) => by.press(second, 'cancel', waiting), /^Zu spät für Aufgabe #\d+\. Sie wurde schon abgebrochen, von/],
  ];
}

test('whoever asks, decides or steers with a German Discord reads no English', async () => {
  for (const [ask, german] of await asked()) {
    const reply = await ask(speaker('de'));
    expect(readReply(reply)).toMatch(german);
    expect(english(textsOf(toResponse(reply))), readReply(reply)).toEqual([]);
  }
});

test('several approvals, and an own task, are told of in German', async () => {
  await settings({ approvals_needed: 3 });
  const task = await askFor(db);
  const counted = await speaker('de').press(approver, 'confirm', task);
  expect(readReply(counted)).toMatch(/^✅ Deine Freigabe .* zählt: 1 von 3\. Sie beginnt nach 2 weiteren, von anderen/);
  const own = readReply(await speaker('de').jules(approver, { prompt: 'x' }));
  expect(own).toMatch(/Neben deiner wartet sie noch auf 2 Freigaben\./);
  await settings({ approvals_needed: 1, self_approval: false });
  const mine = await speaker('de').press(approver, 'confirm', await ownTask());
  expect(readReply(mine)).toMatch(/^Aufgabe #\d+ hast du selbst verlangt/);
  await settings({ self_approval: true });
});

test('a budget that is spent is told of in German, for a person as for the server', async () => {
  const limit = (values: object) => aDoor(db.rpc).say(aCommand(admin, 'limits set', { ...values }));
  const ask = async () => readReply(await speaker('de').jules(requester, { prompt: 'x' }));
  await askFor(db);
  await limit({ person: requester.id, per_day: 1 });
  expect(await ask()).toMatch(/^Du hast die eine Aufgabe für 24 Stunden verbraucht.* Platz ist wieder <t:\d+:R>\. Wer/);
  await limit({ person: requester.id, per_day: 0 });
  expect(await ask()).toMatch(/^Du darfst hier keine Aufgaben verlangen.* `\/limits raise` für einen Tag welche/);
  await limit({ person: requester.id, remove: 'per_day' });
  await limit({ server: true, at_once: 1 });
  expect(await ask()).toMatch(
    /^Dieser Server hat schon 1 Aufgabe offen.* Platz ist wieder, sobald sie endet\. Jemand mit/,
  );
  await limit({ server: true, remove: 'at_once' });
});

/** Discord's own limits: of an option's label it takes more. A text that was cut to fit ends with an ellipsis. */
const LIMITS: Readonly<Record<string, number>> = { title: 45, label: 45, placeholder: 100, description: 100 };
function textProblems(value: object, isOption = false): string[] {
  return Object.entries(value).flatMap(([key, inner]: [string, unknown]) => {
    if (typeof inner === 'object' && inner !== null) return textProblems(inner, isOption || key === 'options');
    const most = isOption ? 100 : LIMITS[key];
    const isFine = typeof inner !== 'string' || most === undefined || (inner.length <= most && !/^$|…$/.test(inner));
    return isFine ? [] : [`${key}: ${inner}`];
  });
}
const dialogProblems = (reply: Reply) =>
  reply.kind === 'modal' ? textProblems(reply.modal) : [`no dialog: ${readReply(reply)}`];

test('what Verne itself writes to Jules is English, whoever presses', async () => {
  const task = await running();
  await db.sql`update verne.sessions set phase = 'needs_input' where task_id = ${task}`;
  await db.sql`insert into verne.activities (task_id, name, kind, created_at, body)
    values (${task}, ${`sessions/1/activities/${task}`}, 'agentMessaged', verne.now(), '{"message": "Which?"}')`;
  const question = (await readTask(db.rpc, taskId(task)))?.session?.question;
  expect(readReply(await speaker('de').press(requester, 'you-decide', `${task}.${question}`))).toMatch(/^📨 Für Jules/);
  expect(await db.sql`select text from verne.instructions where task_id = ${task}`).toMatchObject([
    { text: FOR_JULES.youDecide },
  ]);
});

test('every dialog fits what Discord allows, in both languages, and is German in German', async () => {
  const [waiting, over, done, gone] = [await askFor(db), await askFor(db), await finished(), await finished()];
  await speaker('en-US').press(requester, 'cancel', over);
  await db.sql`update verne.sessions set archived_at = verne.now() where task_id = ${gone}`;
  await db.sql`update public.tasks set number = 123456789 where id in (${waiting})`;
  const long = `${'a line of text\n'.repeat(380)}end`;
  await db.sql`update public.tasks set prompt = ${long}, number = 123456790 where id = ${over}`;
  const about = `${done}.${ABOUT}`;
  const dialogs: ((by: Speaker) => Promise<Reply>)[] = [
    (by) => by.jules(requester),
    (by) => by.press(requester, 'edit', waiting),
    (by) => by.press(requester, 'retry', over),
    (by) => by.press(requester, 'follow_up', done),
    (by) => by.press(requester, 'follow_up', gone),
    (by) => by.press(requester, 'follow-anew', about),
    (by) => by.press(approver, 'reject', waiting),
    ...['answer', 'ask_changes'].map((verb) => (by: Speaker) => by.press(requester, verb, about)),
    (by) => by.press(requester, 'reply', done),
    ...['server', 'person'].map((owner) => (by: Speaker) => by.press(admin, 'key', owner)),
    () => aDoor(db.rpc).say(aCommand(admin, 'config add-key', { plan: 'pro' }, { locale: 'de' })),
  ];
  for (const open of dialogs) {
    const [german, anglo] = [await open(speaker('de')), await open(speaker('en-US'))];
    expect([dialogProblems(german), dialogProblems(anglo)]).toEqual([[], []]);
    expect(english(textsOf(toResponse(german)))).toEqual([]);
  }
});

test('what is not there is told of in German: a key, a repository', async () => {
  await settings({ default_repo: null });
  expect(readReply(await speaker('de').jules(requester, { prompt: 'x' }))).toMatch(/^Es ist kein Repository genannt/);
  await removeKey(db.rpc, actorFor(admin), 'server');
  expect(readReply(await speaker('de').jules(requester))).toMatch(/^Es gibt keinen Jules-Schlüssel/);
});
