/** How a value may be written where nobody meant to write it. */
export function spellingsOf(value: string): readonly (readonly [name: string, text: string])[] {
  const bytes = Buffer.from(value);
  const base64 = [0, 1, 2].map((before) => Buffer.concat([Buffer.alloc(before, 'a'), bytes]).toString('base64'));
  const json = JSON.stringify(value).slice(1, -1);
  return [
    ['plain', value],
    ['as JSON', json],
    ['as JSON in JSON', JSON.stringify(json).slice(1, -1)],
    ['in a URL', encodeURIComponent(value)],
    ['in hex', bytes.toString('hex')],
    ['in HEX', bytes.toString('hex').toUpperCase()],
    // What stands before it decides the first of these characters, not the rest.
    ...base64.map((text, at) => [`in base64 (${at})`, at === 0 ? text : text.slice(4)] as const),
    ['in base64url', bytes.toString('base64url')],
  ];
}

const WINDOW = 12;

const windowsOf = (text: string) =>
  Array.from({ length: Math.max(0, text.length - WINDOW + 1) }, (_, at) => text.slice(at, at + WINDOW));

/** Every twelve characters in a row of a text that are of one of the values in any of its spellings. */
export function windowsIn(text: string, ...values: readonly string[]): string[] {
  const spellings = values.flatMap(spellingsOf);
  const known = new Set(spellings.flatMap(([, spelling]) => windowsOf(spelling)));
  const found: string[] = [];
  for (let at = 0; at + WINDOW <= text.length; at += 1) {
    const window = text.slice(at, at + WINDOW);
    if (known.has(window)) found.push(window);
  }
  return found;
}
