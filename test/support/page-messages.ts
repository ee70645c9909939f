import { crc32, deflateSync } from 'node:zlib';
import type { Post } from './page-stage.ts';

/** Messages of every kind that a bot can post, for those who look at how the page draws them. */

const V2 = 1 << 15;
const SILENT = 1 << 12;
const APPROVER = '1190000000000000041';
const REQUESTER = '1190000000000000042';
const APPROVER_ROLE = '1190000000000000021';
const GENERAL = '1190000000000000032';

const text = (content: string) => ({ type: 10, content });
const row = (...components: object[]) => ({ type: 1, components });
const button = (style: number, label: string, more: object = {}) => ({
  type: 2,
  style,
  label,
  ...(style === 5 ? { url: 'https://github.com/octo-org/website/pull/1' } : { custom_id: `button-${label}` }),
  ...more,
});

/** A picture of one colour, as small as a PNG can be made by hand. */
export function png(width: number, height: number, [red, green, blue]: readonly [number, number, number]): Buffer {
  const chunk = (name: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(name, 'latin1'), data]);
    const frame = Buffer.alloc(8);
    frame.writeUInt32BE(data.length, 0);
    frame.writeUInt32BE(crc32(body), 4);
    return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 2, 0, 0, 0], 8);
  const line = Buffer.concat([Buffer.from([0]), Buffer.alloc(width * 3, Buffer.from([red, green, blue]))]);
  const pixels = deflateSync(Buffer.concat(Array.from({ length: height }, () => line)));
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([signature, chunk('IHDR', head), chunk('IDAT', pixels), chunk('IEND', Buffer.alloc(0))]);
}

const picture = (name: string, colour: readonly [number, number, number] = [88, 101, 242]) => ({
  name,
  type: 'image/png',
  bytes: png(320, 180, colour),
});

const DIFF = [
  'diff --git a/src/health.ts b/src/health.ts',
  'index 3f1c2aa..9b0d1e4 100644',
  '--- a/src/health.ts',
  '+++ b/src/health.ts',
  '@@ -1,4 +1,6 @@',
  " import { app } from './app.ts';",
  '-app.get("/", () => "ok");',
  '+app.get("/healthz", async () => {',
  '+  await database.ping();',
  '+  return { ok: true };',
  '+});',
  ...Array.from({ length: 20 }, (_, at) => ` // line ${at}`),
].join('\n');

export const HOSTILE =
  '<img src=x onerror="document.title=1"><script>document.title=2</script> [x](javascript:alert(1)) <b>bold</b>';

const MARKDOWN = [
  '# Big\n## Middle\n### Small',
  '-# small print',
  '**bold** *it* _it_ __under__ ~~gone~~ ***both*** ||secret|| `code` snake_case_name \\*plain\\*',
  '> quoted\n> twice',
  '- one\n  - deeper\n    - deepest\n- two\n1. first\n2. second',
  '```ts\nconst a = "<b>";\n```',
  '```diff\n@@ -1 +1 @@\n- old\n+ new\n```',
  `[the PR](https://github.com/octo-org/website/pull/1) https://example.com/a_b <https://example.com/c>`,
  `<@${APPROVER}> <@${REQUESTER}> <@&${APPROVER_ROLE}> <#${GENERAL}> </jules:1190000000000000099> @everyone`,
  '<t:1700000000:F> <t:1700000000:R> ✅ 🛠 ❌',
].join('\n');

const V2_CARD = {
  type: 17,
  accent_color: 0xf0b232,
  components: [
    {
      type: 9,
      components: [
        text('### ⏳ Task waits for approval'),
        text('**octo-org/website** at `main`\n-# asked by requester'),
      ],
      accessory: { type: 11, media: { url: 'attachment://logo.png' }, description: 'Logo of octo-org' },
    },
    { type: 14, divider: true, spacing: 2 },
    text('Add a health check that answers 200 when the database is reachable.'),
    { type: 9, components: [text('The plan has **3 steps**.')], accessory: button(2, 'Show plan') },
    {
      type: 12,
      items: [
        { media: { url: 'attachment://one.png' }, description: 'The page before' },
        { media: { url: 'attachment://two.png' }, description: 'The page after' },
        { media: { url: 'https://cdn.example.com/three.png' }, description: 'A picture from elsewhere' },
      ],
    },
    { type: 13, file: { url: 'attachment://changes.diff' } },
    { type: 14, divider: false, spacing: 1 },
    row(button(3, 'Confirm'), button(4, 'Reject…'), button(5, 'Open in Jules')),
    row({ type: 3, custom_id: 'next', placeholder: 'What next?', options: [{ label: 'Retry', value: 'retry' }] }),
  ],
};

const EMBED = {
  author: { name: 'octo-org/website', url: 'https://github.com/octo-org/website' },
  title: '✅ PR ready: Add a health check',
  url: 'https://github.com/octo-org/website/pull/1',
  description: 'Adds `/healthz`, which answers **200** when the database is reachable.\n```diff\n- old\n+ new\n```',
  color: 0x248046,
  fields: [
    { name: 'Repository', value: 'octo-org/website', inline: true },
    { name: 'Branch', value: '`main`', inline: true },
    { name: 'Steps', value: '3 of 3', inline: true },
    { name: 'Asked by', value: `<@${REQUESTER}>` },
  ],
  image: { url: 'attachment://shot.png' },
  thumbnail: { url: 'https://cdn.example.com/thumb.png' },
  footer: { text: 'Task 7f3a' },
  timestamp: '2026-11-20T12:00:00.000Z',
};

const SELECTS = [
  {
    type: 3,
    custom_id: 'strings',
    placeholder: 'Two or three colours',
    min_values: 2,
    max_values: 3,
    options: [
      { label: 'Red', value: 'red', description: 'Like a failure', emoji: { name: '🔴' } },
      { label: 'Green', value: 'green', default: true },
      { label: 'Blue', value: 'blue' },
      { label: 'White', value: 'white' },
    ],
  },
  { type: 5, custom_id: 'users', placeholder: 'A person' },
  { type: 6, custom_id: 'roles', placeholder: 'A role', min_values: 0, max_values: 2 },
  { type: 8, custom_id: 'channels', placeholder: 'A channel', channel_types: [0] },
  { type: 7, custom_id: 'mentionables', placeholder: 'Anybody', disabled: true },
];

export const MESSAGES: Readonly<Record<string, Post>> = {
  markdown: { body: { content: MARKDOWN } },
  hostile: {
    body: {
      content: HOSTILE,
      embeds: [{ title: HOSTILE, description: HOSTILE, footer: { text: HOSTILE }, author: { name: HOSTILE } }],
    },
  },
  embed: { body: { embeds: [EMBED] }, files: [picture('shot.png')] },
  card: {
    body: { flags: V2, components: [V2_CARD] },
    files: [
      picture('logo.png', [36, 128, 70]),
      picture('one.png', [216, 52, 58]),
      picture('two.png', [78, 140, 240]),
      { name: 'changes.diff', type: 'text/x-diff', bytes: DIFF },
    ],
  },
  spoiler: { body: { flags: V2, components: [{ type: 17, spoiler: true, components: [text('A **secret** card')] }] } },
  buttons: {
    body: {
      content: 'Buttons',
      components: [
        row(button(1, 'Primary'), button(2, 'Secondary'), button(3, 'Success'), button(4, 'Danger'), button(5, 'Link')),
        row(
          button(1, 'Off', { disabled: true }),
          button(4, 'Off too', { disabled: true }),
          button(5, 'Link off', { disabled: true }),
          { type: 2, style: 2, custom_id: 'only-emoji', emoji: { name: '✅' } },
        ),
      ],
    },
  },
  selects: { body: { content: 'Selects', components: SELECTS.map((one) => row(one)) } },
  files: {
    body: {
      content: 'Files',
      attachments: [
        { id: '0', description: 'A blue rectangle' },
        { id: '1', description: 'The change' },
      ],
    },
    files: [
      picture('blue.png'),
      { name: 'fix.patch', type: 'application/octet-stream', bytes: DIFF },
      { name: 'plan.md', type: 'text/markdown', bytes: '# Plan\n1. Look\n2. Do\n' },
      { name: 'trace.zip', type: 'application/zip', bytes: Buffer.alloc(340_000) },
      picture('SPOILER_end.png', [216, 52, 58]),
    ],
  },
  silent: { body: { content: 'Working…', flags: SILENT } },
  ping: { body: { content: `<@${REQUESTER}> your PR is ready`, allowed_mentions: { users: [REQUESTER] } } },
};

const label = (name: string, component: object, description?: string) => ({
  type: 18,
  label: name,
  component,
  ...(description && { description }),
});

const OPTIONS = [
  { label: 'At once', value: 'now', description: 'Jules starts without asking again' },
  { label: 'After approval', value: 'later', default: true },
];

/** Five at the most stand in one form. */
export const EVERY_FIELD = [
  text('Jules works in **octo-org/website**.'),
  label('Reason', { type: 4, custom_id: 'reason', style: 2, min_length: 3, max_length: 20 }, 'Why is it rejected?'),
  label('Start', { type: 21, custom_id: 'start', options: OPTIONS }),
  label('Tell', {
    type: 22,
    custom_id: 'tell',
    required: false,
    max_values: 1,
    options: [
      { label: 'The requester', value: 'requester' },
      { label: 'The channel', value: 'channel' },
    ],
  }),
  label('Who decides', { type: 5, custom_id: 'who' }),
];

export const OTHER_FIELDS = [
  label('Title', { type: 4, custom_id: 'title', style: 1, placeholder: 'In a few words', value: 'Health check' }),
  label(
    'Priority',
    { type: 3, custom_id: 'priority', options: [{ label: 'High', value: 'high', emoji: { name: '🔴' } }] },
    'How soon it is wanted',
  ),
  label('Roles', { type: 6, custom_id: 'roles', required: false, min_values: 0, max_values: 2 }),
  label('Screenshots', { type: 19, custom_id: 'shots', required: false, max_values: 3 }),
  label('Tell me when it is done', { type: 23, custom_id: 'done', default: true }),
];

const option = (type: number, name: string, more: object = {}) => ({ type, name, description: `The ${name}`, ...more });

export const COMMANDS = [
  {
    name: 'jules',
    description: 'Ask Jules for a change',
    type: 1,
    options: [
      option(3, 'prompt', { required: true, min_length: 3 }),
      option(3, 'repo', { autocomplete: true }),
      option(4, 'steps', { min_value: 1, max_value: 5 }),
      option(5, 'silent'),
      option(3, 'speed', {
        choices: [
          { name: 'Fast', value: 'fast' },
          { name: 'Careful', value: 'careful' },
        ],
      }),
    ],
  },
  { name: 'whisper', description: 'Answers to you alone', type: 1 },
  { name: 'think', description: 'Thinks for long', type: 1 },
  { name: 'silent', description: 'Never answers', type: 1 },
  { name: 'form', description: 'Opens a form', type: 1 },
  { name: 'other', description: 'Opens another form', type: 1 },
  { name: 'Ask About It', type: 3 },
];
