/** A promise under attack, and where it is held. A test that holds one names its row, in its title or a comment. */
type Row = {
  /** One sentence that the figure proves. */
  readonly claim: string;
  /** In `npm test`. */
  readonly short?: string;
  /** In `npm run test:full`, which also writes down the figure. */
  readonly full?: string;
};

/** The rows of `docs/reliability.md`: C keys, K crashes, A the audit, D the HTTP door, G data, I hostile text, J sharing accounts, O outages and limits, R races, T tenants, W signatures. */
export const CATALOGUE = {
  A01: {
    claim: 'No role of the application changes, removes or adds an entry of the audit, nor takes its guard away.',
    short: 'test/guilds/audit.test.ts',
    full: 'test/full/audit.full.ts',
  },
  A02: {
    claim:
      'Whatever a superuser does to a chain of the audit is found, with the first bad entry; a cut or a rewritten one by a head that was kept.',
    short: 'test/guilds/audit.test.ts',
    full: 'test/full/audit.full.ts',
  },
  A03: {
    claim:
      'Every change that a person makes has its one entry in the same transaction; what is refused changes nothing.',
    short: 'test/guilds/audit-complete.test.ts',
    full: 'test/full/audit.full.ts',
  },
  A04: {
    claim: 'Processes that append to one chain at once, and are killed at it, leave neither a fork nor a gap.',
    short: 'test/guilds/audit-complete.test.ts',
    full: 'test/full/audit.full.ts',
  },
  C01: {
    claim:
      'A Jules key is in no log line, message, answer, metric or audit entry, in whatever spelling, whatever goes wrong.',
    short: 'test/flows/canary.test.ts',
    full: 'test/full/canary.full.ts',
  },
  C02: {
    claim: 'A sealed key opens in its own row alone: not for another server, person or purpose.',
    short: 'test/guilds/key-seals.test.ts',
    full: 'test/full/keys.full.ts',
  },
  C03: {
    claim: 'A sealed key in which one bit was changed opens nothing.',
    short: 'test/guilds/key-seals.test.ts',
    full: 'test/full/keys.full.ts',
  },
  C04: {
    claim: 'No two seals use the same initialisation vector.',
    full: 'test/full/keys.full.ts',
  },
  C05: {
    claim: 'Master keys are exchanged while keys are in use, and no use fails.',
    short: 'test/guilds/key-seals.test.ts',
    full: 'test/full/keys.full.ts',
  },
  C06: {
    claim: 'A process with a wrong master key, or without one that is needed, does not start and says which.',
    short: 'test/guilds/key-start.test.ts',
    full: 'test/full/keys.full.ts',
  },
  C07: {
    claim: 'Whoever has the whole database but no master key has no Jules key.',
    short: 'test/flows/canary.test.ts',
    full: 'test/full/canary.full.ts',
  },
  C08: {
    claim: 'A row that names another master key than the one that sealed it opens nothing.',
    short: 'test/guilds/key-seals.test.ts',
    full: 'test/full/keys.full.ts',
  },
  C09: {
    claim: 'A key is entered in a dialog or at a shell, never as an option of a command, and is never shown back.',
    short: 'test/flows/canary.test.ts',
    full: 'test/full/canary.full.ts',
  },
  C10: {
    claim: 'A removed key is used for no new call, and what opens it is destroyed.',
    short: 'test/guilds/key-use.test.ts',
    full: 'test/full/keys.full.ts',
  },
  C12: {
    claim: 'No secret is in the repository nor in its history; what looks like one is a known fake.',
    short: 'test/docs/secret-scan.test.ts',
    full: 'test/full/repository.full.ts',
  },
  K09: {
    claim: 'An exchange of master keys that is killed leaves every key to be opened, and goes on where it was.',
    short: 'test/guilds/key-seals.test.ts',
    full: 'test/full/keys.full.ts',
  },
  T16: {
    claim: "A person's key is never used for the task of another.",
    short: 'test/guilds/key-use.test.ts',
    full: 'test/full/keys.full.ts',
  },
  T17: {
    claim: 'No list shows more of a key than its last four characters.',
    short: 'test/guilds/key-listings.test.ts',
    full: 'test/full/keys.full.ts',
  },
  D01: {
    claim: 'Who sends headers or a body slowly is cut off after 5 s or 10 s, while honest requests are answered.',
    short: 'test/http/app.test.ts',
    full: 'test/full/edge.full.ts',
  },
  D02: {
    claim: 'A compressed body is refused on every address before it is read, so none can unfold.',
    short: 'test/http/process.test.ts',
    full: 'test/full/edge.full.ts',
  },
  D03: {
    claim: 'A body that is too large, endless or of two lengths is refused at the limit and costs no memory.',
    short: 'test/http/process.test.ts',
    full: 'test/full/edge.full.ts',
  },
  D04: {
    claim: 'No JSON, however deep, wide or poisoned, breaks the process; it is parsed only if it is signed.',
    short: 'test/http/process.test.ts',
    full: 'test/full/edge.full.ts',
  },
  D05: {
    claim: 'A flood of unsigned requests is refused cheaply: no database, few log lines, and honest requests in time.',
    short: 'test/http/process.test.ts',
    full: 'test/full/edge.full.ts',
  },
  D06: {
    claim: 'Who sends commands faster than allowed gets the exact allowance, and nobody else gets less.',
    short: 'test/guilds/rates.test.ts',
    full: 'test/full/limits.full.ts',
  },
  D07: {
    claim: 'What two readers of HTTP could read differently is refused, and the connection is closed.',
    short: 'test/http/desync.test.ts',
    full: 'test/full/edge.full.ts',
  },
  D08: {
    claim: 'The address that a limit counts by is what our own proxies say, never what the caller writes.',
    short: 'test/http/limits.test.ts',
    full: 'test/full/edge.full.ts',
  },
  D09: {
    claim: 'The allowance of a person is one for all servers: hopping between them gives no more.',
    short: 'test/guilds/rates.test.ts',
    full: 'test/full/limits.full.ts',
  },
  G10: {
    claim: 'Of a person who is forgotten no trace is left in the database, and the audit still verifies.',
    short: 'test/guilds/forget.test.ts',
    full: 'test/full/audit.full.ts',
  },
  I01: {
    claim: 'No text of a stranger pings anybody in anything that the bot sends.',
    short: 'test/discord/templates.test.ts',
    full: 'test/full/hostile-text.full.ts',
  },
  I02: {
    claim: 'Text of a stranger stays text: no link to a foreign host, no way out of a code fence.',
    short: 'test/discord/text-oracle.test.ts',
    full: 'test/full/hostile-text.full.ts',
  },
  I03: {
    claim: "Only a pull request of the task's own repository becomes the pull request of a task.",
    short: 'test/kernel/pull-request.test.ts',
    full: 'test/full/hostile-text.full.ts',
  },
  I04: {
    claim: 'Characters that cannot be seen are taken out, and their number is shown.',
    short: 'test/discord/unseen.test.ts',
    full: 'test/full/hostile-text.full.ts',
  },
  I05: {
    claim:
      'Whoever approves a plan can read every word of it, however long it is, and approves this very one; what is left out of a message is said.',
    short: 'test/tasks/plan-texts.test.ts',
    full: 'test/full/plans.full.ts',
  },
  I06: {
    claim: 'A prompt of any length and of any characters is taken or refused with a sentence.',
    short: 'test/tasks/hostile-prompt.test.ts',
    full: 'test/full/hostile-text.full.ts',
  },
  I07: {
    claim: 'What is cut is cut between graphemes, keeps its fences closed and fits the limits of Discord.',
    short: 'test/discord/text.test.ts',
    full: 'test/full/hostile-text.full.ts',
  },
  I09: {
    claim: 'Whatever is logged, one line is one JSON object.',
    short: 'test/kernel/log.test.ts',
    full: 'test/full/hostile-text.full.ts',
  },
  I12: {
    claim: 'No regular expression of the bot can be made slow.',
    short: 'test/kernel/regexes.test.ts',
    full: 'test/full/hostile-text.full.ts',
  },
  J10: {
    claim:
      'Servers that share Jules accounts start in turns, no limit is passed by one, and every view says the truth.',
    short: 'test/tasks/fairness.test.ts',
    full: 'test/full/fairness.full.ts',
  },
  J54: {
    claim: 'A task knows its place, its wait and what it waits for, also among thousands.',
    short: 'test/tasks/queue-facts.test.ts',
    full: 'test/full/fairness.full.ts',
  },
  J90: {
    claim:
      'In the sandbox 500 members of four servers ask 200 times in a minute: nobody starves, no limit is passed by one, every card is true and every end is told once.',
    short: 'test/flows/crowd.test.ts',
    full: 'test/full/crowd.full.ts',
  },
  K14: {
    claim: 'A task that may have begun with a key that is gone is left to a person, and never begun with another key.',
    short: 'test/tasks/refused-key.test.ts',
    full: 'test/full/fairness.full.ts',
  },
  K15: {
    claim:
      'What people tell Jules reaches it once and in order, whatever dies meanwhile, and each is told that it did.',
    short: 'test/flows/kill.test.ts',
    full: 'test/full/told.full.ts',
  },
  O01: {
    claim:
      'While Jules is down it is asked once per pause of the breaker, and what waited then drains without a stampede.',
    short: 'test/jules/outage.test.ts',
    full: 'test/full/outage.full.ts',
  },
  O15: {
    claim: 'A key that Jules refuses is named once to who can mend it; its tasks wait, or move within their server.',
    short: 'test/tasks/refused-key.test.ts',
    full: 'test/full/fairness.full.ts',
  },
  O16: {
    claim: 'A server that queues a thousand tasks does not make the others wait twice as long.',
    short: 'test/tasks/fairness.test.ts',
    full: 'test/full/fairness.full.ts',
  },
  R01: {
    claim: 'Of approvers who press at once one wins, and each of the others is told who.',
    short: 'test/tasks/approvals.test.ts',
    full: 'test/full/limits.full.ts',
  },
  R02: {
    claim:
      'Of confirm, reject, cancel and expire at once, one ends the wait of a task; of approve, changes and cancel, that of a plan.',
    short: 'test/tasks/expire.test.ts',
    full: 'test/full/limits.full.ts',
  },
  R03: {
    claim: 'No plan runs that nobody read, whatever becomes of it between its card, the press and the call to Jules.',
    short: 'test/tasks/plans.test.ts',
    full: 'test/full/plans.full.ts',
  },
  R04: {
    claim: 'No writer, whoever it is, moves a task along a way that the transitions do not have.',
    short: 'test/db/writers.test.ts',
    full: 'test/full/audit.full.ts',
  },
  R05: {
    claim:
      'Whatever people and workers do one after the other, state and answers are those of a plain reference model.',
    short: 'test/tasks/model.test.ts',
    full: 'test/full/model.full.ts',
  },
  R08: {
    claim: 'What a report and a look at Jules tell of the same change is one transition and one post.',
    short: 'test/tasks/session-news.test.ts',
    full: 'test/full/session-news.full.ts',
  },
  R09: {
    claim: 'The last place of a budget is given once, however many reach for it at that moment.',
    short: 'test/guilds/budgets.test.ts',
    full: 'test/full/limits.full.ts',
  },
  W02: {
    claim:
      "In whatever order the news of a session come, it ends the same, goes nowhere back, and is told in Jules's order.",
    short: 'test/tasks/session-news.test.ts',
    full: 'test/full/session-news.full.ts',
  },
  W05: {
    claim: 'No change to a signed request, of whatever bit, is accepted, and the refusal never says why.',
    short: 'test/http/signatures.test.ts',
    full: 'test/full/signatures.full.ts',
  },
  W17: {
    claim:
      "What was done by an interaction whose token has expired is recorded, and shown by the bot's own messages, once.",
    short: 'test/flows/bad-input.test.ts',
    full: 'test/full/tokens.full.ts',
  },
  R10: {
    claim: 'Of a dashboard and the bot that change one row at once nobody loses a change without being told.',
    short: 'test/db/writers.test.ts',
    full: 'test/full/audit.full.ts',
  },
  T11: {
    claim: 'Functions that run as their owner fix their search path and are called by nobody who is not listed.',
    short: 'test/db/writers.test.ts',
    full: 'test/full/audit.full.ts',
  },
  T13: {
    claim: 'Ids beyond 2^53 come back from JSON and the database digit for digit.',
    short: 'test/db/writers.test.ts',
    full: 'test/full/audit.full.ts',
  },
  W06: {
    claim: 'Ed25519 signatures that only some implementations take are refused.',
    short: 'test/discord/signature-vectors.test.ts',
    full: 'test/full/signatures.full.ts',
  },
  W07: {
    claim: 'The probes of Discord, a PING and a bad signature, are answered as it wants and in time.',
    short: 'test/http/interactions.test.ts',
    full: 'test/full/signatures.full.ts',
  },
  G08: {
    claim:
      'A pause of a server or of the whole service stops what would begin at Jules within 5 s; its end goes on with everything.',
    short: 'test/guilds/pause.test.ts',
    full: 'test/full/access.full.ts',
  },
  R11: {
    claim: 'Writers of all kinds at once never wait for each other for ever.',
    full: 'test/full/mixed-writers.full.ts',
  },
  R12: {
    claim: 'A server that removes the bot gets no work and no posts; one that adds it again goes on where it was.',
    short: 'test/guilds/pause.test.ts',
    full: 'test/full/access.full.ts',
  },
  R13: {
    claim:
      'What somebody may is decided by what Discord signed with this very interaction, not by what they were when it was shown.',
    short: 'test/discord/access-commands.test.ts',
    full: 'test/full/access.full.ts',
  },
  T05: {
    claim: 'No id of a button or dialog that was tampered with, or carried to another message or server, is accepted.',
    short: 'test/discord/access-commands.test.ts',
    full: 'test/full/access.full.ts',
  },
  T06: {
    claim: 'What selects, dialogs and half-typed options carry of another server is neither taken nor shown.',
    short: 'test/discord/access-commands.test.ts',
    full: 'test/full/access.full.ts',
  },
  T07: {
    claim: 'To every command and button what is of another server is what never was: the same words in the same time.',
    short: 'test/discord/access-commands.test.ts',
    full: 'test/full/access.full.ts',
  },
  T08: {
    claim: 'Where the bot was not added to the server everything is refused, and nothing is written.',
    short: 'test/discord/access-commands.test.ts',
    full: 'test/full/access.full.ts',
  },
  T10: {
    claim: 'A right that is taken away is gone in every process within 5 s.',
    short: 'test/guilds/access.test.ts',
    full: 'test/full/access.full.ts',
  },
} as const satisfies Readonly<Record<string, Row>>;

export type RowId = keyof typeof CATALOGUE;

export const rows: readonly (readonly [RowId, Row])[] = Object.entries(CATALOGUE) as [RowId, Row][];
