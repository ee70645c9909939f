import { choicesFor } from './actions.js';
import { knownChoices, typedValue } from './commands.js';
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
      'aria-required': option.required,
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

  isWrong() {
    return (this.option.required || !this.isEmpty()) && this.value() === undefined;
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

  /** @param {string} command @param {Record<string, unknown>} values @returns {Promise<Choice[]>} */
  async choices(command, values) {
    const typed = this.input.value;
    if (this.needsBot()) {
      return (await choicesFor(command, { ...values, [this.option.name]: typed }, this.option.name)).choices ?? [];
    }
    const known = knownChoices(this.option) ?? [];
    return known.filter((one) => one.name.toLowerCase().includes(typed.toLowerCase()));
  }
}
