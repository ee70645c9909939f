/** `npm run docs`: writes what documents repeat of the code, the configuration and the list of commands; a test compares. */
import { readFileSync, writeFileSync } from 'node:fs';
import { PermissionFlagsBits } from 'discord-api-types/v10';
import { BUTTONS } from '#discord/buttons/index.ts';
import type { Command, OptionSpec } from '#discord/command.ts';
import { COMMANDS, MESSAGE_COMMANDS } from '#discord/commands/index.ts';
import type { CustomIdVerb } from '#discord/custom-id.ts';
import { GROUPS, VARIABLES } from '#variables.ts';
import { readFigures, reliabilityPage } from '../test/support/reliability-page.ts';
import { tableOf } from './markdown-table.ts';
import { withVariables } from './railway-variables.ts';

const optionText = ([name, { required }]: [string, OptionSpec]) => (required ? `\`${name}\`` : `[\`${name}\`]`);
const commandRow = (prefix: string, { name, description, operation, options }: Command) => [
  `\`/${prefix}${name}\``,
  Object.entries(options).map(optionText).join(' '),
  description,
  `\`${operation}\``,
];

function commandTable(): string {
  const rows = COMMANDS.flatMap((one) =>
    'subcommands' in one ? one.subcommands.map((sub) => commandRow(`${one.name} `, sub)) : [commandRow('', one)],
  );
  rows.push(...MESSAGE_COMMANDS.map(({ name, description, operation }) => [name, '', description, `\`${operation}\``]));
  return tableOf(['Command', 'Options', 'What it does', 'Operation'], rows);
}

/** Where a person meets each of them. The type asks for a line as soon as there is a new one. */
const MET: { readonly [Verb in CustomIdVerb]: string } = {
  asking: 'Dialog of `/jules` without a prompt and of the message command Send to Jules. Sending it asks for the task.',
  confirm: 'Button on a card that waits. Jules may begin. Under words that were edited since it does nothing.',
  edit: 'Button on a card that waits, for who asked. Opens the dialog with its words.',
  editing: 'The dialog itself. Sending it changes the words; approvals of the old ones no longer count.',
  retry: 'Button on a card of a task that ended without a pull request. Opens the dialog with its words.',
  retrying: 'The dialog itself. Sending it asks for a new task, which names the old one.',
  reject: 'Button on a card that waits. Opens the dialog for the reason, for those who may confirm.',
  'reject-reason': 'The dialog itself. Sending it rejects the task; the requester gets the reason as a direct message.',
  cancel: 'Button on a card that waits or runs. Withdraws the task, or stops following it and archives its session.',
  prompt: 'Button on a card whose prompt is cut. Shows the whole prompt to you alone.',
  approve_plan: 'Button on a card whose plan waits for a person. Jules may carry out this plan, and no other.',
  ask_changes: 'Button on the same card. Opens the dialog for changes of the plan.',
  changes: 'The dialog itself. Sending it has Jules make another plan.',
  plan_again: 'Button on a card whose plan was not approved in time. Jules makes a plan anew.',
  answer: 'Button on a card whose session waits for an answer. Opens the dialog for it.',
  'go-on': 'Button beside it. Answers “Yes, go on.”',
  'you-decide': 'Button beside it. Leaves the decision to Jules.',
  answering: 'The dialog itself. Sending it answers Jules.',
  reply: 'Button on a card of a task at work. Opens the dialog for a message to Jules.',
  replying: 'The dialog itself. Sending it tells Jules.',
  nudge: 'Button where Jules is silent for too long. Asks it, once for each silence, whether it is still at work.',
  publish: 'Button where Jules is done, or says so, and there is no pull request. Asks it for one, once for each end.',
  get_patch: 'Button where work ended or hangs without a pull request. Posts the last patch in the thread, as a file.',
  follow_up:
    'Button on a card of a finished task. Opens the dialog for what else to do, in the same session or as a new task.',
  following: 'The dialog itself. Sending it has Jules go on, or asks for a new task that names the pull request.',
  'follow-anew': 'Button on the note that Jules was not told. Opens the dialog for a new task with the same words.',
  'following-anew': 'The dialog itself, also where the session cannot go on. Sending it asks for the new task.',
  roles: 'Select in `/config roles`. Saved at once.',
  notice: 'Selects in `/config notices`. Saved at once.',
  key: 'Buttons in `/config key`. Open the dialog for a key.',
  'key-enter': 'The dialog itself. Sending it stores the key, sealed.',
  'key-add': 'The dialog of `/config add-key`. Sending it stores one more key of the server, sealed.',
  'key-remove': 'Buttons in `/config key`. Ask back whether the key is to be removed.',
  'key-revoke': 'Button of that question. Revokes the key.',
  'key-keep': 'Button of that question. Changes nothing.',
  tasks: 'Buttons below `/tasks`. Show the newer or the older page.',
  timeline: 'Buttons below `/task`. Show what happened, earlier or later.',
  delivery: 'Buttons below `/task`. Show the messages that were owed, newer or older.',
  'send-again':
    'Buttons below `/task` with the view delivery. Have a message that was given up sent once more, there or here.',
};

const buttonTable = () =>
  tableOf(
    ['Button, select or dialog', 'Where it is and what it does', 'Operation'],
    Object.entries(BUTTONS).map(([verb, { operation }]) => [
      `\`${verb}\``,
      MET[verb as CustomIdVerb],
      `\`${operation}\``,
    ]),
  );

/** What the bot's calls need; nothing else. */
export const NEEDED_PERMISSIONS = [
  'ViewChannel',
  'SendMessages',
  'EmbedLinks',
  'ReadMessageHistory',
  'CreatePublicThreads',
  'SendMessagesInThreads',
  'AddReactions',
] as const;

export const permissionInteger = NEEDED_PERMISSIONS.reduce((all, name) => all | PermissionFlagsBits[name], 0n);

const inviteAddress = () =>
  `\`\`\`text\nhttps://discord.com/oauth2/authorize?client_id=YOUR_APPLICATION_ID&scope=bot+applications.commands&permissions=${permissionInteger}\n\`\`\``;

const PARTS = {
  commands: () => `${commandTable()}\n\n${buttonTable()}`,
  invite: inviteAddress,
} as const;

/** Puts each part between its markers, `<!-- name -->` and `<!-- /name -->`. */
export function withParts(text: string): string {
  return Object.entries(PARTS).reduce((now, [name, part]) => {
    const [begin, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
    const [from, to] = [now.indexOf(begin), now.indexOf(end)];
    if (from < 0 || to < from) throw new Error(`README.md has no markers ${begin} … ${end}`);
    return `${now.slice(0, from + begin.length)}\n${part()}\n${now.slice(to)}`;
  }, text);
}

const CONFIGURATION_HEAD = `# Configuration

Verne reads these variables of the environment, and no others. \`npm start\`, \`npm run keys\` and \`npm run events\` also read
\`.env\`; a variable that is set already wins over the file. A variable that is there but empty counts as missing. If
something is wrong, the bot names every wrong variable at once, never a value, and ends with exit code 78.

For the bot only \`DISCORD_TOKEN\` is needed. Durations are whole milliseconds, from 1 to one week. This page is written by
\`npm run docs\` from \`src/config.ts\`.
`;

export function configurationPage(): string {
  const groups = GROUPS.map((group) => {
    const rows = Object.entries(VARIABLES)
      .filter(([, variable]) => variable.group === group)
      .map(([name, variable]) => [
        `\`${name}\``,
        'example' in variable ? `\`${variable.example}\`` : 'none',
        variable.about,
      ]);
    return `## ${group}\n\n${tableOf(['Variable', 'Default', 'What it is'], rows)}\n`;
  });
  return [CONFIGURATION_HEAD, ...groups].join('\n');
}

const fileOf = (path: string) => new URL(`../${path}`, import.meta.url);

if (import.meta.main) {
  writeFileSync(fileOf('docs/configuration.md'), configurationPage());
  writeFileSync(fileOf('docs/reliability.md'), reliabilityPage(readFigures()));
  writeFileSync(fileOf('README.md'), withParts(readFileSync(fileOf('README.md'), 'utf8')));
  writeFileSync(fileOf('.railway/railway.ts'), withVariables(readFileSync(fileOf('.railway/railway.ts'), 'utf8')));
  console.log(
    'docs/configuration.md, docs/reliability.md, the tables of README.md and the variables of .railway/railway.ts written',
  );
}
