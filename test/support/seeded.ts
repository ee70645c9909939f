/** Random numbers that are the same on every machine (mulberry32), so that what a seed finds can be found again. */
export function seeded(seed: number) {
  let state = seed;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  /** From 0 up to, but without, `end`. */
  const below = (end: number) => Math.floor(next() * end);
  function pick<One>(list: readonly One[]): One {
    const found = list[below(list.length)];
    if (found === undefined) throw new Error('nothing to pick from');
    return found;
  }
  return { next, below, pick };
}

export type Seeded = ReturnType<typeof seeded>;
