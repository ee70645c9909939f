import { hexId } from './ids.ts';

export type PlanStep = { readonly title: string; readonly description: string };

/** What a person would call the task: the first line of the prompt, cut at a word. */
export function topicOf(prompt: string, most = 56): string {
  const line = (prompt.split('\n').find((candidate) => candidate.trim() !== '') ?? 'the task')
    .trim()
    .replace(/[.!?]+$/, '');
  if (line.length <= most) return line;
  const cut = line.slice(0, most);
  return `${cut.slice(0, Math.max(cut.lastIndexOf(' '), most / 2)).trim()}…`;
}

const lowerFirst = (text: string) => (/^[A-Z][a-z]/.test(text) ? text.charAt(0).toLowerCase() + text.slice(1) : text);

/** Kinds of work, by the words that people use for them; the first that fits. */
const KINDS: readonly { readonly words: RegExp; readonly steps: readonly string[] }[] = [
  {
    words: /\b(fix|bug|broken|crash|error|fails?)\b/i,
    steps: ['Reproduce the problem in a failing test', 'Find the cause', 'Fix it where it starts'],
  },
  {
    words: /\b(tests?|coverage)\b/i,
    steps: ['List what is not covered yet', 'Write the missing tests', 'Make them fast and free of chance'],
  },
  {
    words: /\b(docs?|readme|documentation|comment)\b/i,
    steps: ['Compare the text with what the code does', 'Rewrite the page', 'Check links and examples'],
  },
  {
    words: /\b(refactor|clean|rename|split|simplify)\b/i,
    steps: ['Pin the present behaviour with tests', 'Move the code in small steps', 'Remove what nobody uses'],
  },
  {
    words: /\b(upgrade|update|bump|dependenc)/i,
    steps: ['Read what has changed between the versions', 'Raise the version', 'Adapt the calls that changed'],
  },
];

const ANY_WORK = ['Sketch the smallest change that does it', 'Write the change', 'Cover it with tests'];

/** A plausible plan for a prompt. `revision` is what a person wants different. */
export function planFor(prompt: string, revision?: string): readonly PlanStep[] {
  const topic = topicOf(prompt);
  const work = KINDS.find(({ words }) => words.test(prompt))?.steps ?? ANY_WORK;
  const titles = [
    'Read the code that is concerned',
    ...work,
    ...(revision ? [`As you asked: ${topicOf(revision)}`] : []),
    'Run all checks and submit',
  ];
  // A text that was cut ends in its dots.
  const end = topic.endsWith('…') ? '' : '.';
  return titles.map((title) => ({ title, description: `${title}, so that we can ${lowerFirst(topic)}${end}` }));
}

/** A name for files and branches. */
export function slugOf(prompt: string): string {
  const words = topicOf(prompt)
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 40)
    .replace(/-+$/, '');
  return words || 'change';
}

const BASE_COMMIT_DIGITS = 40;

/** A change set as Jules writes one; repoless sessions have no base commit and a source without a repository. */
export function changeSetFor(prompt: string, source: string | null) {
  const file = `notes/${slugOf(prompt)}.md`;
  const unidiffPatch = [
    `diff --git a/${file} b/${file}`,
    'new file mode 100644',
    '--- /dev/null',
    `+++ b/${file}`,
    '@@ -0,0 +1,3 @@',
    `+# ${topicOf(prompt)}`,
    '+',
    '+Done in the sandbox: no repository was touched.',
    '',
  ].join('\n');
  return {
    source: source ?? 'sources/github/',
    gitPatch: {
      unidiffPatch,
      ...(source && { baseCommitId: hexId(BASE_COMMIT_DIGITS) }),
      suggestedCommitMessage: `feat: ${lowerFirst(topicOf(prompt))}`,
    },
  };
}
