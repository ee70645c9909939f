/** Every sentence of a catalogue with the way to it, and what it says when it is given marked facts. */
export type Leaf = { readonly path: string; readonly value: unknown };

export function leavesOf(tree: unknown, path = ''): Leaf[] {
  if (typeof tree !== 'object' || tree === null) return [{ path, value: tree }];
  return Object.entries(tree).flatMap(([key, inner]) => leavesOf(inner, path === '' ? key : `${path}.${key}`));
}

export type Facts = 'many' | 'one' | 'empty';

const NUMBERS: Readonly<Record<Facts, (at: number) => number>> = {
  many: (at) => 7_000_000 + at * 100_001,
  one: () => 1,
  empty: () => 0,
};

/**
 * Stands for whatever a sentence is given: as text it reads `«1»`, as a number it is one that is found again, as an
 * object each of its fields is another such.
 */
function fact(name: string, at: number, facts: Facts): unknown {
  const text = facts === 'empty' ? '' : `«${name}»`;
  return new Proxy(Object(text), {
    get(target, key) {
      if (key === Symbol.toPrimitive) return (hint: string) => (hint === 'number' ? NUMBERS[facts](at) : text);
      const own = Reflect.get(target, key, target);
      if (own !== undefined || typeof key === 'symbol') return typeof own === 'function' ? own.bind(target) : own;
      return fact(`${name}.${key}`, at + 1, facts);
    },
  });
}

/** `but` is the place of a fact that is another one this time. */
export function say({ path, value }: Leaf, facts: Facts = 'many', but?: number): string {
  if (typeof value === 'string') return value;
  if (typeof value !== 'function') throw new Error(`${path} is neither a sentence nor a function`);
  const said: unknown = value(
    ...Array.from({ length: value.length }, (_, at) =>
      at + 1 === but ? fact('other', 99, facts) : fact(String(at + 1), at + 1, facts),
    ),
  );
  if (typeof said !== 'string') throw new Error(`${path} does not say a sentence`);
  return said;
}

const FACT = /«[^»]*»|\d[\d.,]*\d|\d|`[^`]+`|jules\.google\.com\S*\w/g;

/** What must be in a sentence in every language: what was filled in, figures, names of commands and places. */
export const factsIn = (sentence: string) =>
  [
    ...new Set([...sentence.matchAll(FACT)].map(([found]) => (/^\d/.test(found) ? found.replace(/[.,]/g, '') : found))),
  ].sort();

/** What stands between the facts of a sentence, as far as it is more than a word, or than `of the`. */
const piecesOf = (leaf: Leaf) =>
  say(leaf)
    .split(/«[^»]*»|\d[\d.,]*|`[^`]*`|\n/)
    .map((piece) => piece.trim())
    .filter((piece) => /\p{L}{4}/u.test(piece) && (piece.match(/\p{L}{2,}/gu) ?? []).length >= 2);

/** Words of the catalogue's English that stand in what should be said in another language. */
export function finderOf(english: object, other: object): (texts: readonly string[]) => string[] {
  const others = leavesOf(other).map((leaf) => say(leaf));
  const all = leavesOf(english);
  const pieces = [...new Set(all.flatMap(piecesOf))].filter((piece) => !others.some((one) => one.includes(piece)));
  const whole = new Set(all.map((leaf) => say(leaf)).filter((text) => /\p{L}/u.test(text) && !others.includes(text)));
  return (texts) =>
    texts.flatMap((text) => [...pieces.filter((one) => text.includes(one)), ...(whole.has(text) ? [text] : [])]);
}

/** Every text in a value, however deep. What an option stands for is a code, which nobody reads. */
export function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  const isCode = (key: string) => key === 'custom_id' || (key === 'value' && 'label' in value);
  return Object.entries(value).flatMap(([key, inner]) => (isCode(key) ? [] : textsOf(inner)));
}
