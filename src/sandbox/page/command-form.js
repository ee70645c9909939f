import { choicesFor } from './actions.js';
import { knownChoices, valueOf } from './commands.js';
import { h } from './dom.js';

/** @import { Command, CommandOption } from './types.d.ts' */
/** @typedef {ReturnType<typeof import('./suggestions.js').createSuggestions>} Suggestions */
/** @typedef {{ option: CommandOption, input: HTMLInputElement, picked: { text: string, value: unknown } | undefined }} Field */

const AUTOCOMPLETE_PAUSE_MS = 150;

/**
 * The options of a chosen command, filled in place: the required ones stand there from the start, the others are added.
 * @param {{ root: HTMLElement, suggestions: Suggestions, onSend: (name: string, options: Record<string, unknown>) => Promise<boolean>, onLeave: () => void }} deps
 */
export function createCommandForm({ root, suggestions, onSend, onLeave }) {
  /** @type {Command | undefined} */
  let command;
  /** @type {Field[]} */
  let fields = [];
  let asked = 0;
  let timer = 0;
  let busy = false;

  const leave = () => {
    clearTimeout(timer);
    asked += 1;
    command = undefined;
    fields = [];
    suggestions.hide();
    root.replaceChildren();
    root.hidden = true;
    onLeave();
  };

  const values = () => {
    /** @type {Record<string, unknown>} */
    const out = {};
    for (const { option, input, picked } of fields) {
      const value = picked?.text === input.value ? picked.value : valueOf(option, input.value);
      if (input.value !== '' && value !== undefined) out[option.name] = value;
    }
    return out;
  };

  const send = async () => {
    if (!command || busy) return;
    const filled = values();
    const wrong = fields.find(
      ({ option, input }) => (option.required || input.value !== '') && !(option.name in filled),
    );
    for (const field of fields) markWrong(field, field === wrong);
    if (wrong) return wrong.input.focus();
    busy = true;
    root.setAttribute('aria-busy', 'true');
    const sent = await onSend(command.name, filled);
    busy = false;
    root.removeAttribute('aria-busy');
    if (sent) leave();
  };

  /** @param {Field} field */
  const suggest = (field) => {
    clearTimeout(timer);
    const mine = ++asked;
    const { option, input } = field;
    /** @param {{ name: string, value: unknown }[]} choices */
    const show = (choices) => {
      if (mine !== asked || document.activeElement !== input) return;
      const items = choices.map((one) => ({ name: one.name, pick: () => take(field, one) }));
      if (items.length) suggestions.show(input, option.description ?? option.name, items);
      else suggestions.hide();
    };
    const known = knownChoices(option);
    if (known) show(known.filter((one) => one.name.toLowerCase().includes(input.value.toLowerCase())));
    else if (option.autocomplete && command) {
      const { name } = command;
      const ask = async () => show(await choicesFor(name, { ...values(), [option.name]: input.value }, option.name));
      timer = window.setTimeout(() => void ask(), AUTOCOMPLETE_PAUSE_MS);
    } else suggestions.hide();
  };

  /** @param {Field} field @param {{ name: string, value: unknown }} choice */
  const take = (field, choice) => {
    field.input.value = choice.name;
    field.picked = { text: choice.name, value: choice.value };
    markWrong(field, false);
    fields.find((one) => one.option.required && one.input.value === '')?.input.focus();
  };

  /** @param {Field} field @param {KeyboardEvent} event */
  const onKey = (field, event) => {
    if (suggestions.takesKey(event)) return;
    if (event.key === 'Enter' && !event.isComposing) {
      event.preventDefault();
      void send();
    } else if (event.key === 'Escape' || (event.key === 'Backspace' && field.input.value === '')) {
      event.preventDefault();
      remove(field, event.key);
    }
  };

  /** @param {Field} field @param {string} key */
  const remove = (field, key) => {
    const at = fields.indexOf(field);
    if (key === 'Escape' || field.option.required) return leave();
    fields.splice(at, 1);
    draw();
    fields.at(-1)?.input.focus();
    if (fields.length === 0) leave();
  };

  /** @param {CommandOption} option */
  const addField = (option) => {
    const field = makeField(option);
    fields.push(field);
    field.input.addEventListener('input', () => suggest(field));
    field.input.addEventListener('focus', () => suggest(field));
    field.input.addEventListener('blur', () => suggestions.hide());
    field.input.addEventListener('keydown', (event) => onKey(field, event));
    return field;
  };

  const draw = () => {
    if (!command) return;
    const shown = new Set(fields.map((field) => field.option));
    const more = (command.options ?? []).filter((option) => !shown.has(option));
    root.replaceChildren(
      h('span', { class: 'command-chip' }, `/${command.name}`),
      ...fields.map(drawField),
      ...more.map((option) =>
        h(
          'button',
          { type: 'button', class: 'option-add', title: option.description, onclick: () => reveal(option) },
          `+ ${option.name}`,
        ),
      ),
      h('button', { type: 'button', class: 'button primary command-send', onclick: () => void send() }, 'Send'),
    );
  };

  /** @param {CommandOption} option */
  const reveal = (option) => {
    const field = addField(option);
    draw();
    field.input.focus();
  };

  return {
    /** @param {Command} chosen */
    start(chosen) {
      command = chosen;
      fields = [];
      for (const option of chosen.options ?? []) if (option.required) addField(option);
      draw();
      root.hidden = false;
      const first = fields[0]?.input ?? root.querySelector('button');
      first?.focus();
    },
    isOpen: () => command !== undefined,
  };
}

/** @param {CommandOption} option @returns {Field} */
function makeField(option) {
  const input = h('input', {
    type: 'text',
    id: `option-${option.name}`,
    class: 'option-input',
    'data-option': option.name,
    autocomplete: 'off',
    maxlength: option.max_length,
    placeholder: option.description,
    role: 'combobox',
    'aria-autocomplete': 'list',
    'aria-controls': 'suggestions',
    'aria-expanded': 'false',
    'aria-required': option.required,
  });
  return { option, input, picked: undefined };
}

/** @param {Field} field */
function drawField({ option, input }) {
  return h('span', { class: 'option' }, h('label', { for: input.id }, option.name), input);
}

/** @param {Field} field @param {boolean} wrong */
function markWrong({ input }, wrong) {
  input.parentElement?.classList.toggle('wrong', wrong);
  if (wrong) input.setAttribute('aria-invalid', 'true');
  else input.removeAttribute('aria-invalid');
}
