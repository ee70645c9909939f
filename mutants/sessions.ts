import { killedBy } from './mutant.ts';

const sql = (name: string) => `supabase/schemas/tasks/${name}.sql`;

/** One task, one session: the protocol of its creation. */
const opening = killedBy('test/tasks/open-session.test.ts', [
  {
    name: 'A session is created without its marker',
    file: 'src/tasks/open-session.ts',
    text: 'prompt: withMarkerBelow(work.prompt, work.marker),\n    title: titleOf(work),',
    by: "prompt: work.prompt,\n    title: 'a task',",
    claim: 'one POST, with the marker in title and prompt, and the session is the task’s',
  },
  {
    name: 'No intent is committed before a session is created',
    file: sql('record_attempt'),
    text: 'attempts = s.attempts + 1, attempted_at = verne.now(),',
    by: 'attempts = s.attempts + 1,',
    claim: 'the intent is committed before the call goes out',
  },
  {
    name: 'A session of unknown outcome is not looked for but created again',
    file: 'src/tasks/open-session.ts',
    text: 'const [oldest, ...strays] = listed.filter((session) => markerOf(session) === work.marker).toReversed();',
    by: 'const [oldest, ...strays] = listed.filter(() => false);',
    claim: 'a session that was made although the call failed is found by its marker',
  },
  {
    name: 'A session is known by the first marker in it, which its prompt may only quote',
    file: 'src/tasks/marker.ts',
    text: '.at(-1)?.[1]',
    by: '.at(0)?.[1]',
    claim: 'a session whose prompt quotes another marker is found by its own',
  },
  {
    name: 'There is no quarantine: what is not found at once is created again',
    file: 'src/tasks/open-session.ts',
    text: 'if (!isOver) return waitUntil(after(delivery.now, lookEveryMs(deps)));',
    by: '',
    claim: 'it is not created again before the whole window has passed, then it is',
  },
  {
    name: 'The window of a creation is shorter than its call may take',
    file: 'src/tasks/decide.ts',
    text: 'isOver: now >= after(work.attempted_at, windows.intentMs)',
    by: 'isOver: now >= after(work.attempted_at, windows.intentMs / 4)',
    claim: 'it is not created again before the whole window has passed, then it is',
  },
  {
    name: 'After three creations without an answer nobody is asked',
    file: sql('clear_attempt'),
    text: "when counted and s.attempts >= 3 then 'unsure'",
    by: "when counted and s.attempts >= 30 then 'unsure'",
    claim: 'after three attempts nobody creates a fourth: a person is told and decides',
  },
  {
    name: 'The newest of several sessions of one marker is taken',
    file: 'src/tasks/open-session.ts',
    text: '=== work.marker).toReversed();',
    by: '=== work.marker);',
    claim: 'the oldest of several with one marker is taken, the others are strays',
  },
  {
    name: 'A limit of Jules counts as a creation that was tried',
    file: 'src/tasks/open-session.ts',
    text: 'revision: work.revision, counted: false, why }',
    by: 'revision: work.revision, counted: true, why }',
    claim: 'a limit gives the attempt back and waits as long as Jules says, uncounted',
  },
  {
    name: 'More sessions run at once than the account allows',
    file: sql('admit_tasks'),
    text: 'least(u.at_once - u.running, u.per_day - u.today) as now',
    by: 'u.per_day - u.today as now',
    claim: 'no more run at once than the account allows, and a place that falls free is filled',
  },
  {
    name: 'More sessions start in a day than the account allows',
    file: sql('admit_tasks'),
    text: 'least(u.at_once - u.running, u.per_day - u.today) as now',
    by: 'u.at_once - u.running as now',
    claim: 'no more start in 24 hours than the account allows',
  },
  {
    name: 'Who asked first is served first, however much runs for their server',
    file: sql('queue_order'),
    text: 'order by r.round, r.server_at nulls first, r.queued_at, r.task_id))::int',
    by: 'order by r.queued_at, r.task_id))::int',
    claim: 'a server with nothing running goes before one that runs much, whoever asked first',
  },
  {
    name: 'An outage of Jules uses up tries',
    file: 'src/kernel/patience.ts',
    text: '...(named && { named }), uncounted: true };',
    by: '...(named && { named }) };',
    claim: 'an outage of Jules uses up no tries',
  },
]);

/** What is read of a session, and what is done about it. */
const following = killedBy('test/tasks/follow-session.test.ts', [
  {
    name: 'A stray is approved',
    file: 'src/tasks/sweep-account.ts',
    text: 'await deps.sessions.archive(keyId(key_id ??',
    by: "await deps.sessions.approve(keyId(key_id ?? ''), sessionName(stray), { signal, mayBegin: async () => true });\n      await deps.sessions.archive(keyId(key_id ??",
    claim: 'finds a stray by its marker, archives it, and never approves it',
  },
  {
    name: 'Strays are not looked for',
    file: sql('record_sweep'),
    text: "where (s.name is not null or s.phase = 'unsure' or s.ended_at is not null)",
    by: 'where false',
    claim: 'finds a stray by its marker, archives it, and never approves it',
  },
  {
    name: 'The session of a cancelled task is not archived',
    file: 'src/tasks/follow-session.ts',
    text: 'await deps.sessions.archive(work.key_id, work.name, { signal: delivery.signal });',
    by: '',
    claim: 'the session is archived once, its plan is never approved, and nothing revives the task',
  },
  {
    name: 'A follower writes over what another has written meanwhile',
    file: sql('record_session'),
    text: 'where s.task_id = task.id and s.revision = record_session.revision',
    by: 'where s.task_id = task.id',
    claim: 'a plan is not approved for a task that was cancelled while Jules was being read',
  },
  {
    name: 'A session that was deleted at Jules is followed for ever',
    file: 'src/tasks/follow-session.ts',
    text: '(work.ended_at === null && end)',
    by: '({})',
    claim: 'a session that was deleted elsewhere fails the task',
  },
]);

const meaning = killedBy('test/tasks/decide.test.ts', [
  {
    name: 'A pull request of any repository counts as the task’s',
    file: 'src/kernel/pull-request.ts',
    text: ' || (repo !== undefined && !isSame(name, repo))',
    by: '',
    claim: 'a pull request %s counts: %j',
  },
  {
    name: 'A session that ran is opened again where the record of its approval was lost',
    file: 'src/tasks/decide.ts',
    text: 'return work.approved_at !== null || ran === true ||',
    by: 'return work.approved_at !== null ||',
    claim: 'a session that was seen at work is never opened again, even where the record of its approval was lost',
  },
]);

/** What was recorded while a call waited for its turn. */
const slow = killedBy('test/tasks/slow-jules.test.ts', [
  {
    name: 'What was paused while it waited for its turn is created all the same',
    file: sql('record_attempt'),
    text: 'and verne.is_paused(s.tenant)) then',
    by: 'and false) then',
    claim: 'what waits for its turn while Jules is slow is not created after %s (G08, C10, R12)',
  },
  {
    name: 'A plan is approved after a cancel that came before the call',
    file: 'src/tasks/follow-session.ts',
    text: 'return isFresh && now?.revision === intended.revision && !now.paused && !now.telling;',
    by: 'return isFresh && now !== null;',
    claim: 'no plan is approved after %s that came when all was recorded',
  },
]);

const steering = killedBy('test/tasks/steer.test.ts', [
  {
    name: 'Jules is told twice: an instruction has no intent',
    file: sql('begin_instruction'),
    text: 'attempts = i.attempts + 1, attempted_at = verne.now()',
    by: 'attempts = i.attempts + 1',
    claim: 'whose outcome is unknown is looked for by its marker, and not sent again where it is found',
  },
  {
    name: 'Jules is told twice: an instruction that arrived is not recognised',
    file: 'src/tasks/send-instructions.ts',
    text: "if (isThere) return settle(run, 'delivered');",
    by: '',
    claim: 'whose outcome is unknown is looked for by its marker, and not sent again where it is found',
  },
  {
    name: 'An instruction is sent again before its window is over',
    file: 'src/tasks/send-instructions.ts',
    text: 'if (delivery.now < after(since, deps.windows.intentMs)) return',
    by: 'if (delivery.now < since) return',
    claim: 'that never arrived is sent again, but only after its whole window',
  },
  {
    name: 'The answer to a question of yesterday is passed on',
    file: sql('instruction_refused'),
    text: "wish ->> 'kind' = 'answer' and (wish ->> 'about' = open) is not true",
    by: "wish ->> 'kind' = 'answer' and open is null",
    claim: 'of yesterday takes no answer today',
  },
  {
    name: 'A gate is asked without "is not true": where no question is open, null lets every answer pass',
    file: sql('instruction_refused'),
    text: "wish ->> 'kind' = 'answer' and (wish ->> 'about' = open) is not true",
    by: "wish ->> 'kind' = 'answer' and not (wish ->> 'about' = open)",
    claim: 'of yesterday takes no answer today',
  },
  {
    name: 'The second of two answers is passed on',
    file: sql('instruction_refused'),
    text: 'when earlier.id is not null then',
    by: 'when false then',
    claim: 'is answered once: the second of two is told who was quicker',
  },
  {
    name: 'A press under an old plan approves the new one',
    file: sql('approve_plan'),
    text: 'when left(newest, 12) is distinct from approve_plan.plan then',
    by: 'when newest is null then',
    claim: 'that was made anew is not approved by a press under the old one (R03)',
  },
  {
    name: 'An approval is not bound to the plan that was read',
    file: 'src/tasks/decide.ts',
    text: '(hash === null || hash !== work.approved_hash)',
    by: 'work.approved_hash === null',
    claim: 'that changes between the press and its approval is read again first (R03)',
  },
]);

export const sessionMutants = [...opening, ...following, ...meaning, ...slow, ...steering];
