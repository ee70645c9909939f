import { inspect } from 'node:util';

/** A value that does not print. `reveal` is called in one place per secret: where the header is built. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }

  /** The last four characters, which may be shown. */
  get last4(): string {
    return this.#value.slice(-4);
  }

  toString(): string {
    return '[secret]';
  }

  toJSON(): string {
    return '[secret]';
  }

  [inspect.custom](): string {
    return '[secret]';
  }
}
