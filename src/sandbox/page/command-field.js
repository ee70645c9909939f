import { choicesFor } from './actions.js';
import { knownChoices, problemWith, typedValue, typeName } from './commands.js';
import { h } from './dom.js';

/** @import { CommandOption } from './types.d.ts' */
/** @typedef {{ name: string, value: unknown }} Choice */

/** One option of a command that is being filled: its field, and the choice that was taken for what stands in it. */
export class CommandField {
  /** @type {Choice | undefined} */
  #taken;

  /** @param {CommandOption} option */
  constructor(option) {
    this.option = option;
    this.input = h('input', {
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
      'aria-required': String(option.required === true),
      'aria-describedby': 'suggestions-title',
    });
    this.root = h('span', { class: 'option' }, h('label', { for: this.input.id }, option.name), this.input);
  }

  isEmpty() {
    return this.input.value === '';
  }

  /** What would be sent; undefined when nothing stands there or it is not a value of this option. */
  value() {
    if (this.isEmpty()) return undefined;
    return this.#taken?.name === this.input.value ? this.#taken.value : typedValue(this.option, this.input.value);
  }

  /** Why it cannot be sent as it is, in a sentence; nothing if it can. */
  problem() {
    if (this.isEmpty()) return this.option.required ? 'This option is required. Specify a value.' : '';
    return problemWith(this.option, this.value());
  }

  /** What the field is for, over the list of its choices. @param {string} [wrong] */
  heading(wrong) {
    const { name, description, required } = this.option;
    const type = `${typeName(this.option)}${required ? ', required' : ''}`;
    return { title: name, hint: [description, type].filter(Boolean).join(' · '), wrong };
  }

  /** @param {boolean} wrong */
  mark(wrong) {
    this.root.classList.toggle('wrong', wrong);
    if (wrong) this.input.setAttribute('aria-invalid', 'true');
    else this.input.removeAttribute('aria-invalid');
  }

  /** @param {Choice} choice */
  take(choice) {
    this.input.value = choice.name;
    this.#taken = choice;
    this.mark(false);
  }

  needsBot() {
    return this.option.autocomplete === true && !knownChoices(this.option);
  }

  /** @param {string} command @param {Record<string, unknown>} values @returns {Promise<{ choices: Choice[], failed?: boolean }>} */
  async choices(command, values) {
    const typed = this.input.value;
    if (this.needsBot()) {
      const answer = await choicesFor(command, { ...values, [this.option.name]: typed }, this.option.name);
      return { choices: answer.choices ?? [], failed: answer.error !== undefined };
    }
    const known = knownChoices(this.option) ?? [];
    return { choices: known.filter((one) => one.name.toLowerCase().includes(typed.toLowerCase())) };
  }
}
