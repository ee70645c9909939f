import { createHash } from 'node:crypto';
import type { APIInteraction } from 'discord-api-types/v10';
import type { OptionSpec } from '#discord/command.ts';
import { COMMANDS } from '#discord/commands/index.ts';
import { customId } from '#discord/custom-id.ts';
import { SHOWS } from '#tasks/list-tasks.ts';
import { aCommand, aForm, aModal, anInteraction, aPress, CHANNEL, newSnowflake, type Person } from './interaction.ts';
import type { Seeded } from './seeded.ts';

/** What somebody in one server may know of another one. */
export type Foreign = {
  readonly task: string;
  readonly role: string;
  readonly channel: string;
  readonly user: string;
  readonly repo: string;
  readonly last4: string;
};

const PRESSED = ['confirm', 'reject', 'cancel', 'prompt', 'edit', 'retry', 'follow_up'] as const;
const DIALOGS = ['reject-reason', 'editing', 'retrying', 'following', 'following-anew'] as const;
const VERBS = [...PRESSED, ...DIALOGS];
const WRITTEN = { answer: 'because', prompt: 'Fix it', repo: 'acme/site' };
const letters = 'abcdefghijklmnopqrstuvwxyz0123456789:-_.\u0000\u202e{}"\'\\/ ';
const noise = (random: Seeded, chars: number) =>
  Array.from({ length: chars }, () => letters[random.below(letters.length)]).join('');

/** A custom id as it was written, and as somebody changed it; `isWellFormed` where only the database can know. */
export type Tampered = { readonly kind: string; readonly id: string; readonly isWellFormed: boolean };

const old = (verb: string, task: string) => [
  `v0:${verb}:${task}`,
  `v2:${verb}:${task}`,
  `${verb}:${task}`,
  `${verb}_${task}`,
  `task:${verb}:${task}`,
  JSON.stringify({ verb, task }),
];
const ODD = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'CONFIRM', 'confirm ', ''];

/** Ids of buttons and dialogs that nobody wrote for this message and server. */
export function tampered(random: Seeded, foreign: Foreign): Tampered {
  const verb = random.pick(VERBS);
  const written = customId(verb, foreign.task);
  const spoilt = (kind: string, id: string): Tampered => ({ kind, id, isWellFormed: false });
  const kinds: (() => Tampered)[] = [
    () => spoilt('truncated', written.slice(0, random.below(written.length))),
    () => spoilt('100 characters', (written + noise(random, 100)).slice(0, 100)),
    () => spoilt('an old form', random.pick(old(verb, foreign.task))),
    () => spoilt('an odd verb', `v1:${random.pick(ODD)}:${foreign.task}`),
    () => spoilt('one part more', `${written}:${noise(random, random.below(20))}`),
    () => spoilt('noise', noise(random, 1 + random.below(100))),
    () => {
      const at = random.below(written.length);
      const id = `${written.slice(0, at)}\u0001${written.slice(at + 1)}`;
      return spoilt('one character changed', id);
    },
  ];
  if (random.below(20) > 0) return random.pick(kinds)();
  return random.below(2) === 0
    ? { kind: "another server's task", id: written, isWellFormed: true }
    : { kind: 'a task that never was', id: customId(verb, crypto.randomUUID()), isWellFormed: true };
}

/** A press or dialog with that id; `vouched` where the message carries the id too, as if Discord had seen it there. */
export function pressOf(person: Person, id: string, vouched: boolean, own: string): APIInteraction {
  const components = [{ type: 1, components: [{ type: 2, custom_id: vouched ? id : own }] }];
  const message = { id: newSnowflake(), channel_id: CHANNEL, components };
  return DIALOGS.some((verb) => id.startsWith(`v1:${verb}:`))
    ? aForm(person, id, WRITTEN, { message })
    : aPress(person, id, undefined, { message });
}

export type Probe = { readonly name: string; payload(person: Person, from: Foreign): APIInteraction };

const VALUES: Record<OptionSpec['kind'], (from: Foreign, name: string) => unknown> = {
  role: ({ role }) => role,
  channel: ({ channel }) => channel,
  user: ({ user }) => user,
  boolean: () => true,
  integer: () => 1,
  string: ({ repo, last4, task }, name) => (name === 'last_four' ? last4 : name === 'repo' ? repo : task),
};

function needed(options: Readonly<Record<string, OptionSpec>>) {
  return Object.entries(options).flatMap(([name, spec]) => {
    if (!spec.required) return [];
    const value = spec.kind === 'string' && spec.choices ? spec.choices[0] : spec.kind === 'integer' ? 1 : 'pro';
    return [[name, value] as const];
  });
}

/** Of every command each option that can name something, with what `from` has; and every button for a task. */
export function probes(): Probe[] {
  const leaves = COMMANDS.flatMap((command) =>
    'subcommands' in command
      ? command.subcommands.map((sub) => ({ name: `${command.name} ${sub.name}`, options: sub.options }))
      : [{ name: command.name, options: command.options }],
  );
  const ofOptions = leaves.flatMap(({ name, options }) =>
    Object.entries(options).flatMap(([option, spec]): Probe[] => {
      const isNamed = spec.kind !== 'boolean' && spec.kind !== 'integer' && !(spec.kind === 'string' && spec.choices);
      if (!isNamed) return [];
      const rest = Object.fromEntries(needed(options));
      // A grant names both a role and what it may.
      const also = name === 'config grant' ? { role: CHANNEL, may: 'viewer' } : {};
      return [
        {
          name: `/${name} ${option}`,
          payload: (person, from) =>
            foreignCommand(person, name, { ...also, ...rest, [option]: VALUES[spec.kind](from, option) }),
        },
      ];
    }),
  );
  const ofTasks = VERBS.map((verb): Probe => {
    const id = (from: Foreign) => customId(verb, from.task);
    return { name: `button ${verb}`, payload: (person, from) => pressOf(person, id(from), true, '') };
  });
  // Pages carry no id but the hash of a repository.
  const hashOf = ({ repo }: Foreign) => createHash('md5').update(repo.toLowerCase()).digest('hex').slice(0, 10);
  const ofPages = SHOWS.map((show): Probe => {
    const id = (from: Foreign) => customId('tasks', `${show}.any.${hashOf(from)}.-0`);
    return { name: `button tasks ${show}`, payload: (person, from) => pressOf(person, id(from), true, '') };
  });
  return [...ofOptions, ...ofTasks, ...ofPages];
}

/** Discord knows nothing in this server of what belongs to another one; CHANNEL stands for a role that is here. */
function foreignCommand(person: Person, name: string, values: Readonly<Record<string, unknown>>): APIInteraction {
  const payload = aCommand(person, name, values);
  Object.assign(payload.data ?? {}, { resolved: { roles: { [CHANNEL]: {} } } });
  return payload;
}

/** Every command without options but those it needs, and every button: for what is refused wherever it is used. */
export function everyInteraction(person: Person, facts: Readonly<Record<string, unknown>>): APIInteraction[] {
  const commands = COMMANDS.flatMap((command) =>
    ('subcommands' in command ? command.subcommands : [command]).map((leaf) => {
      const name = leaf === command ? command.name : `${command.name} ${leaf.name}`;
      return aCommand(person, name, Object.fromEntries(needed(leaf.options)), facts);
    }),
  );
  const task = crypto.randomUUID();
  const buttons = [
    ...PRESSED.map((verb) => aPress(person, customId(verb, task), undefined, facts)),
    aPress(person, customId('tasks', 'all.any.any.-0'), undefined, facts),
    aPress(person, customId('timeline', '1.0'), undefined, facts),
    aPress(person, customId('delivery', '1.-0'), undefined, facts),
    aPress(person, customId('send-again', '1.1.here'), undefined, facts),
    aPress(person, customId('roles', 'create'), [CHANNEL], facts),
    aPress(person, customId('notice', 'how'), ['nobody'], facts),
    aPress(person, customId('key', 'server'), undefined, facts),
    aPress(person, customId('key-revoke', 'server'), undefined, facts),
    aModal(person, customId('key-add', 'pro.0.0'), 'AQ.Ab8RN6-secret-secret-9z9z', facts),
  ];
  return [...commands, ...buttons, anInteraction(person, 2, { data: { id: '1', name: 'nothing', type: 1 }, ...facts })];
}
