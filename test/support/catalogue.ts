/** A promise under attack, and where it is held. A test that holds one names its row, in its title or a comment. */
type Row = {
  /** One sentence that the figure proves. */
  readonly claim: string;
  /** In `npm test`. */
  readonly short?: string;
  /** In `npm run test:full`, which also writes down the figure. */
  readonly full?: string;
};

/** The rows of `docs/reliability.md`: D the HTTP door, I hostile text, W signatures. */
export const CATALOGUE = {
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
  W05: {
    claim: 'No change to a signed request, of whatever bit, is accepted, and the refusal never says why.',
    short: 'test/http/signatures.test.ts',
    full: 'test/full/signatures.full.ts',
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
} as const satisfies Readonly<Record<string, Row>>;

export type RowId = keyof typeof CATALOGUE;

export const rows: readonly (readonly [RowId, Row])[] = Object.entries(CATALOGUE) as [RowId, Row][];
