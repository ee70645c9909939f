import { say, sendCommand } from './actions.js';
import { beginWith } from './begin-with.js';
import { theBot } from './bot.js';
import { CommandForm } from './command-form.js';
import { typedCommands } from './commands.js';
import { byId } from './dom.js';
import { channelById, nameOf, onChange, store } from './store.js';
import { createSuggestions } from './suggestions.js';
import { hasUploads, startUploads, takeUploads } from './uploads.js';

/** @import { Command } from './types.d.ts' */

const MAX_NAME = 24;

/** What was sent from here, for the arrow key that brings it back. @type {(string | { command: Command, texts: Record<string, string> })[]} */
const sent = [];

/** @param {Command} command */
function describe(command) {
  const wants = (command.options ?? []).map(({ name, required = false }) => ({ name, required }));
  return { name: `/${command.name}`, wants, hint: command.description, from: theBot().name };
}

/** @param {string} typed */
function matching(typed) {
  const words = typed.slice(1).trim().toLowerCase();
  const found = typedCommands().filter((one) => one.name.includes(words));
  return found.sort((a, b) => Number(b.name.startsWith(words)) - Number(a.name.startsWith(words)));
}

export function startComposer() {
  const input = byId('composer-input', HTMLTextAreaElement);
  const suggestions = createSuggestions(byId('suggestions', HTMLElement), byId('suggestions-title', HTMLElement));
  const form = new CommandForm({
    root: byId('command-form', HTMLElement),
    suggestions,
    onSend: (command, { values, texts }) => {
      sent.push({ command, texts });
      void sendCommand(command.name, values);
    },
    onLeave: () => {
      input.hidden = false;
      input.focus();
    },
  });

  /** @param {Command} command @param {Record<string, string>} [texts] */
  const choose = (command, texts) => {
    input.value = '';
    input.hidden = true;
    form.start(command, texts);
  };
  /** The last thing said or asked, to be said again or changed. */
  const again = () => {
    const last = sent.at(-1);
    if (!last) return;
    if (typeof last === 'string') input.value = last;
    else choose(last.command, last.texts);
  };
  const suggest = () => {
    if (!/^\/(?!\/)/.test(input.value)) return suggestions.hide();
    const commands = matching(input.value);
    const exact = input.value.endsWith(' ') && commands.find((one) => `/${one.name} ` === input.value);
    if (exact) return choose(exact);
    const items = commands.map((one) => ({ ...describe(one), pick: () => choose(one) }));
    suggestions.show(input, { title: items.length ? 'Commands' : nothing() }, items);
  };
  const send = async () => {
    const content = input.value.trim();
    const isCommand = content.startsWith('/') && !content.startsWith('//');
    if (isCommand || (!content && !hasUploads())) return;
    input.value = '';
    if (content) sent.push(content);
    if (!(await say(content, await takeUploads()))) input.value ||= content;
  };
  input.addEventListener('input', suggest);
  input.addEventListener('focus', suggest);
  input.addEventListener('blur', () => suggestions.hide());
  input.addEventListener('keydown', (event) => {
    if (suggestions.takesKey(event) || event.isComposing) return;
    if (event.key === 'Escape') suggestions.hide();
    if (event.key === 'ArrowUp' && input.value === '') {
      event.preventDefault();
      again();
    }
    if (event.key !== 'Enter' || event.shiftKey) return;
    event.preventDefault();
    void send();
  });
  startUploads();
  byId('composer-commands', HTMLButtonElement).addEventListener('click', () => beginWith('/'));
  onChange(() => {
    const name = cut(nameOf(channelById(store.channelId)));
    input.placeholder = `Message ${name}, or type / for commands`;
  });
}

/** A thread's name may be as long as a line. @param {string} name */
const cut = (name) => (name.length > MAX_NAME ? `${name.slice(0, MAX_NAME - 1).trimEnd()}…` : name);

/** Why the list of commands is empty. */
function nothing() {
  const known = typedCommands().length > 0;
  return known ? 'No command of that name' : 'The bot has not registered any command yet';
}
