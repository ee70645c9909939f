import { say, sendCommand } from './actions.js';
import { CommandForm } from './command-form.js';
import { typedCommands } from './commands.js';
import { byId } from './dom.js';
import { channelById, nameOf, onChange, store } from './store.js';
import { createSuggestions } from './suggestions.js';

/** @import { Command } from './types.d.ts' */

/** @param {Command} command */
function describe(command) {
  const required = (command.options ?? []).filter((one) => one.required).map((one) => one.name);
  return { name: `/${command.name}`, wants: required.join(' '), hint: command.description };
}

/** @param {string} typed */
function matching(typed) {
  const words = typed.slice(1).trimStart().toLowerCase();
  return typedCommands().filter((one) => one.name.startsWith(words.trimEnd()) || `${one.name} ` === words);
}

/** Puts a beginning into the composer, as if the person had typed it. @param {string} text */
export function beginWith(text) {
  const input = byId('composer-input', HTMLTextAreaElement);
  if (input.hidden) return;
  input.value = text;
  input.focus();
  input.dispatchEvent(new Event('input'));
}

export function startComposer() {
  const input = byId('composer-input', HTMLTextAreaElement);
  const suggestions = createSuggestions(byId('suggestions', HTMLElement), byId('suggestions-title', HTMLElement));
  const form = new CommandForm({
    root: byId('command-form', HTMLElement),
    suggestions,
    onSend: sendCommand,
    onLeave: () => {
      input.hidden = false;
      input.focus();
    },
  });

  /** @param {Command} command */
  const choose = (command) => {
    input.value = '';
    input.hidden = true;
    form.start(command);
  };
  const suggest = () => {
    if (!input.value.startsWith('/')) return suggestions.hide();
    const commands = matching(input.value);
    const exact = input.value.endsWith(' ') && commands.find((one) => `/${one.name} ` === input.value);
    if (exact) return choose(exact);
    const items = commands.map((one) => ({ ...describe(one), pick: () => choose(one) }));
    suggestions.show(input, items.length ? 'Commands' : nothing(), items);
  };
  const send = async () => {
    const content = input.value.trim();
    if (!content || content.startsWith('/')) return;
    input.value = '';
    if (!(await say(content))) input.value ||= content;
  };
  input.addEventListener('input', suggest);
  input.addEventListener('focus', suggest);
  input.addEventListener('blur', () => suggestions.hide());
  input.addEventListener('keydown', (event) => {
    if (suggestions.takesKey(event) || event.isComposing) return;
    if (event.key === 'Escape') suggestions.hide();
    if (event.key !== 'Enter' || event.shiftKey) return;
    event.preventDefault();
    void send();
  });
  byId('composer-commands', HTMLButtonElement).addEventListener('click', () => beginWith('/'));
  onChange(() => {
    const name = nameOf(channelById(store.channelId));
    input.placeholder = `Message ${name}, or type / for commands`;
  });
}

/** Why the list of commands is empty. */
function nothing() {
  const known = typedCommands().length > 0;
  return known ? 'No command of that name' : 'The bot has not registered any command yet';
}
