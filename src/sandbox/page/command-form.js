import { CommandField } from './command-field.js';
import { h } from './dom.js';

/** @import { Command, CommandOption } from './types.d.ts' */
/**
 * @typedef {object} Deps
 * @property {HTMLElement} root
 * @property {ReturnType<typeof import('./suggestions.js').createSuggestions>} suggestions
 * @property {(command: Command, filled: { values: Record<string, unknown>, texts: Record<string, string> }) => void} onSend
 * @property {() => void} onLeave
 */

const AUTOCOMPLETE_PAUSE_MS = 150;

const TEXT = 3;

/** Whether it is words of one's own: most people type them right behind the command. @param {CommandOption} option */
const isWritten = ({ type, choices, autocomplete }) => type === TEXT && !choices?.length && !autocomplete;

/**
 * The options of a chosen command, filled in place: the required ones stand there from the start, or the first one that is
 * words of one's own; the others are added.
 */
export class CommandForm {
  #deps;
  /** @type {Command | undefined} */
  #command;
  /** @type {CommandField[]} */
  #fields = [];
  /** Counts questions for choices, so that a late answer does not open a list over another field. */
  #asked = 0;
  #timer = 0;

  /** @param {Deps} deps */
  constructor(deps) {
    this.#deps = deps;
  }

  /** @param {Command} command @param {Record<string, string>} [texts] what stood in the fields when it was sent before */
  start(command, texts = {}) {
    this.#command = command;
    const all = command.options ?? [];
    const options = all.filter((one) => one.required || texts[one.name] !== undefined);
    const [first] = all;
    if (first && options.length === 0 && isWritten(first)) options.push(first);
    this.#fields = options.map((one) => this.#makeField(one));
    for (const field of this.#fields) field.input.value = texts[field.option.name] ?? '';
    this.#draw();
    this.#deps.root.hidden = false;
    const field = this.#fields[0]?.input ?? this.#deps.root.querySelector('button');
    field?.focus();
  }

  #leave() {
    this.#asked += 1;
    clearTimeout(this.#timer);
    this.#command = undefined;
    this.#fields = [];
    this.#deps.suggestions.hide();
    this.#deps.root.replaceChildren();
    this.#deps.root.hidden = true;
    this.#deps.onLeave();
  }

  #values() {
    const pairs = this.#fields.map((field) => [field.option.name, field.value()]);
    return Object.fromEntries(pairs.filter(([, value]) => value !== undefined));
  }

  #send() {
    if (!this.#command) return;
    const wrong = this.#fields.find((field) => field.problem());
    for (const field of this.#fields) field.mark(field === wrong);
    if (wrong) {
      this.#pointAt(wrong);
      return;
    }
    const command = this.#command;
    const texts = Object.fromEntries(this.#fields.map((field) => [field.option.name, field.input.value]));
    const values = this.#values();
    this.#leave();
    this.#deps.onSend(command, { values, texts });
  }

  /** A late answer must not open a list over what is wrong. @param {CommandField} field */
  #pointAt(field) {
    field.input.focus();
    clearTimeout(this.#timer);
    this.#asked += 1;
    this.#deps.suggestions.show(field.input, field.heading(field.problem()));
  }

  /** @param {CommandField} field */
  #suggest(field) {
    clearTimeout(this.#timer);
    this.#asked += 1;
    const asked = this.#asked;
    const { suggestions } = this.#deps;
    if (field.root.classList.contains('wrong')) field.mark(field.problem() !== '');
    const ask = async () => {
      if (!this.#command) return;
      const { choices, failed } = await field.choices(this.#command.name, this.#values());
      if (asked !== this.#asked || document.activeElement !== field.input) return;
      const items = choices.map((one) => ({ name: one.name, pick: () => this.#take(field, one) }));
      suggestions.show(field.input, field.heading(failed ? 'Loading options failed' : ''), items);
    };
    suggestions.show(field.input, field.heading());
    this.#timer = window.setTimeout(() => void ask(), field.needsBot() ? AUTOCOMPLETE_PAUSE_MS : 0);
  }

  /** @param {CommandField} field @param {import('./command-field.js').Choice} choice */
  #take(field, choice) {
    field.take(choice);
    this.#fields.find((one) => one.option.required && one.isEmpty())?.input.focus();
  }

  /** @param {CommandField} field @param {KeyboardEvent} event */
  #onKey(field, event) {
    if (this.#deps.suggestions.takesKey(event)) return;
    if (event.key === 'Enter' && !event.isComposing) {
      event.preventDefault();
      this.#send();
    } else if (event.key === 'Escape' || (event.key === 'Backspace' && field.isEmpty())) {
      event.preventDefault();
      this.#remove(field, event.key === 'Escape');
    }
  }

  /** @param {CommandField} field @param {boolean} all */
  #remove(field, all) {
    this.#fields = this.#fields.filter((one) => one !== field);
    if (all || field.option.required || this.#fields.length === 0) {
      this.#leave();
      return;
    }
    this.#draw();
    this.#fields.at(-1)?.input.focus();
  }

  /** @param {CommandOption} option */
  #makeField(option) {
    const field = new CommandField(option);
    field.input.addEventListener('input', () => this.#suggest(field));
    field.input.addEventListener('focus', () => this.#suggest(field));
    field.input.addEventListener('click', () => this.#suggest(field));
    field.input.addEventListener('blur', () => this.#deps.suggestions.hide());
    field.input.addEventListener('keydown', (event) => this.#onKey(field, event));
    return field;
  }

  /** @param {CommandOption} option */
  #add(option) {
    const field = this.#makeField(option);
    this.#fields.push(field);
    this.#draw();
    field.input.focus();
  }

  #draw() {
    if (!this.#command) return;
    const shown = new Set(this.#fields.map((field) => field.option));
    const more = (this.#command.options ?? []).filter((option) => !shown.has(option));
    this.#deps.root.replaceChildren(
      h('span', { class: 'command-chip' }, `/${this.#command.name}`),
      ...this.#fields.map((field) => field.root),
      ...more.map((option) => this.#adder(option)),
      h('button', { type: 'button', class: 'button primary command-send', onclick: () => this.#send() }, 'Send'),
    );
  }

  /** @param {CommandOption} option */
  #adder(option) {
    const props = { type: 'button', class: 'option-add', title: option.description, onclick: () => this.#add(option) };
    return h('button', props, `+ ${option.name}`);
  }
}
