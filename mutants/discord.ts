import { killedBy } from './mutant.ts';

const sql = (name: string) => `supabase/schemas/discord/${name}.sql`;

/** One call to Discord, and what its failure means. */
const calls = killedBy('test/discord/client.test.ts', [
  {
    name: 'A message is posted without its nonce',
    file: 'src/discord/client.ts',
    text: '    nonce,\n    enforce_nonce: true,\n',
    by: '',
    claim: 'the same nonce twice is one message',
  },
  {
    name: 'allowed_mentions are left to Discord’s default',
    file: 'src/discord/client.ts',
    text: 'return { parse: [], users: [...users], roles: [...roles], replied_user: false };',
    by: 'return undefined;',
    claim: 'whatever a body says, only the named are allowed to be pinged, and nobody by an edit',
  },
  {
    name: 'A post that a proxy answered with 502 is taken for one that never was',
    file: 'src/discord/failure.ts',
    text: "retry: 'soon',\n    unknownOutcome: call.effect === 'write',",
    by: "retry: 'soon',\n    unknownOutcome: false,",
    claim: 'is what %s leaves',
  },
  {
    name: 'Discord’s limit uses up a try',
    file: 'src/discord/failure.ts',
    text: 'retry: { afterMs },\n    uncounted: true,',
    by: 'retry: { afterMs },\n    uncounted: false,',
    claim: 'that lasts goes back to the caller, uncounted, with its time',
  },
  {
    name: 'A sender that slept too long sends all the same',
    file: 'src/discord/call.ts',
    text: 'if (mine?.sendBefore !== undefined && monotonic() > mine.sendBefore) throw new TooLate();',
    by: '',
    claim: 'a sender that waited too long before its socket sends nothing',
  },
  {
    name: 'Whoever may not read the history of a channel is not answered at all',
    file: 'src/discord/client.ts',
    text: 'return send({ ...post, replyTo: undefined });',
    by: "return '0';",
    claim: 'to read its history costs an answer what it answers, not its words',
  },
]);

/** What is decided about a message whose fate is not known. */
const deciding = killedBy('test/discord/message.test.ts', [
  {
    name: 'Each try of a post has another nonce',
    file: 'src/discord/message.ts',
    text: ".update(seed).digest('hex')",
    by: ".update(seed + Math.random()).digest('hex')",
    claim: 'a nonce has 25 characters, is the same for the same row and another for another',
  },
  {
    name: 'A post of unknown outcome is posted again without looking for it',
    file: 'src/discord/message.ts',
    text: "if (mayPostAt === null) return { kind: 'post' };",
    by: "if (mayPostAt === null || mayPostAt <= now) return { kind: 'post' };",
    claim: 'and an intent whose window is over is still looked for first, no further than the intent could reach',
  },
]);

/** What dies between an intent and its record. */
const crashing = killedBy('test/discord/show-crash.test.ts', [
  {
    name: 'The window of a post is shorter than its call may take',
    file: 'src/discord/message.ts',
    text: 'attempt && after(attempt, intentMs)',
    by: 'attempt && after(attempt, intentMs / 4)',
    claim: 'that never arrived is made again, but not before it could have landed',
  },
  {
    name: 'An edit in doubt is not made again when the doubt is over',
    file: sql('begin_message'),
    text: "'settles', coalesce(message.unsure_until <= message.sending_since, false)",
    by: "'settles', true",
    claim: 'of unknown outcome is made again at once, and once more when the first can no longer land',
  },
  {
    name: 'Messages of unknown outcome are not looked for',
    file: 'src/discord/send.ts',
    text: 'const found = recent.find((message) => !known.includes(message.id) && isSame(message, body));',
    by: 'const found = recent.find(() => false);',
    claim: 'that was answered with a broken connection is found by listing, not posted again',
  },
  {
    name: 'The message of another row is taken for the lost one',
    file: 'src/discord/send.ts',
    text: '!known.includes(message.id) && isSame(message, body)',
    by: 'isSame(message, body)',
    claim: 'of a note is not taken for an earlier one that says the same',
  },
]);

const outbox = killedBy('test/discord/outbox.test.ts', [
  {
    name: 'An intent is begun by whoever comes, though another has begun meanwhile',
    file: sql('begin_message'),
    text: "or message.sending_since is distinct from (seen ->> 'sending_since')::timestamptz",
    by: '',
    claim: 'is begun by one who saw the row as it is, and by nobody else',
  },
  {
    name: 'A worker that was overtaken clears the intent of its heir',
    file: sql('record_message'),
    text: "when is_forbidden or shown ? 'intent' and m.sending_since <> (shown ->> 'intent')::timestamptz",
    by: 'when is_forbidden',
    claim: 'is cleared by its owner, not by one who was overtaken',
  },
  {
    name: 'The later of two ids of a message replaces the first',
    file: sql('record_message'),
    text: "coalesce(m.message_id, shown ->> 'message_id')",
    by: "coalesce(shown ->> 'message_id', m.message_id)",
    claim: 'a message keeps the first id that it was given',
  },
]);

const allowed = killedBy('test/discord/allowed.test.ts', [
  {
    name: 'A body that says nothing of whom it may ping is sent',
    file: 'src/discord/allowed.ts',
    text: 'if (!isExplicit(body.allowed_mentions)) {',
    by: 'if (false) {',
    claim: 'is never posted, nor does it take the place of another',
  },
]);

/** What strangers wrote, as it is shown. */
const taming = killedBy('test/discord/text.test.ts', [
  {
    name: 'Mentions in foreign text stay mentions',
    file: 'src/discord/tame.ts',
    text: "text.replace(MENTION, '@\\u200B')",
    by: 'text',
    claim: 'shows mentions of everyone as words that no client lights up',
  },
  {
    name: 'Foreign marks are marks: links may be masked',
    file: 'src/discord/tame.ts',
    text: "withoutMentions(piece.written.replace(MARKS, '\\\\$&'))",
    by: 'withoutMentions(piece.written)',
    claim: 'can neither mask a link, nor begin a heading, nor open a fence',
  },
]);

const prompts = killedBy('test/discord/task-buttons.test.ts', [
  {
    name: 'A block is ended by what stands in it',
    file: 'src/discord/tame.ts',
    text: "inner.replace(/`{2,}/g, (run) => [...run].join('\\u200B'))",
    by: 'inner',
    claim: 'shows all of a prompt with fences, and counts what is hidden',
  },
]);

const cards = killedBy('test/discord/task-card.test.ts', [
  {
    name: 'What nobody can see is left in a text',
    file: 'src/discord/text.ts',
    text: 'return scrub(withoutUnseen(withLines(text)));',
    by: 'return scrub(withLines(text));',
    claim: 'leaves hidden characters out and counts them',
  },
]);

/** What comes in from Discord. */
const interactions = killedBy('test/discord/interactions.test.ts', [
  {
    name: 'What a person was told had failed goes on behind their back',
    file: 'src/discord/interactions.ts',
    text: "resolve('late');\n    controller.abort();",
    by: "resolve('late');",
    claim: 'does not answer in time, a person is told that nothing is recorded, and the call is cancelled',
  },
  {
    name: 'A command is said to be recorded though the database took nothing',
    file: 'src/discord/interactions.ts',
    text: "? refuse('database_away', notRecorded(heard.payload, heard.asked))",
    by: "? { kind: 'message', ephemeral: true, body: { content: 'Recorded.', allowed_mentions: { parse: [] } } }",
    claim: 'fails, a person is told the same, and the log why',
  },
]);

const signatures = killedBy('test/discord/signature.test.ts', [
  {
    name: 'A bad signature counts',
    file: 'src/discord/signature.ts',
    text: "(await isSigned(signature, signed)) ? 'genuine' : 'forged'",
    by: "(await isSigned(signature, signed)) ? 'genuine' : 'genuine'",
    claim: 'a good signature of another key is forged',
  },
  {
    name: 'A signature counts for ever',
    file: 'src/discord/signature.ts',
    text: 'const WINDOW_MS = 5 * 60_000;',
    by: 'const WINDOW_MS = Number.POSITIVE_INFINITY;',
    claim: 'a signature counts for five minutes around its time, to the second',
  },
]);

export const discordMutants = [
  ...calls,
  ...deciding,
  ...crashing,
  ...outbox,
  ...allowed,
  ...taming,
  ...prompts,
  ...cards,
  ...interactions,
  ...signatures,
];
