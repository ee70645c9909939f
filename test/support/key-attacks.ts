import { BrokenSeal, bindingOf, type Keyring, type SealedKey, unseal } from '#guilds/keyring.ts';

/** Whether anything comes out of a seal; any other error than a broken seal or an unknown version is thrown on. */
export function isOpened(ring: Keyring, key: SealedKey): boolean {
  try {
    unseal(ring, key, bindingOf(key));
    return true;
  } catch (error) {
    if (error instanceof BrokenSeal || !ring.masters.has(key.kek_version)) return false;
    throw error;
  }
}

type Swap = (mine: SealedKey, other: SealedKey) => SealedKey;

/** Each puts something of another row into this one. */
const SWAPS: readonly Swap[] = [
  (mine, { sealed }) => ({ ...mine, sealed }),
  (mine, { wrapped }) => ({ ...mine, wrapped }),
  (mine, { sealed, wrapped, kek_version }) => ({ ...mine, sealed, wrapped, kek_version }),
  // The whole row but for its id, its server, or its owner.
  (mine, other) => ({ ...other, id: mine.id }),
  (mine, other) => ({ ...other, guild_id: mine.guild_id, owner_id: mine.owner_id }),
  // One purpose for the other.
  (mine, other) => ({ ...mine, sealed: other.wrapped, wrapped: other.sealed }),
  (mine, other) => ({ ...mine, wrapped: other.sealed }),
];

const isSame = (one: SealedKey, other: SealedKey) => JSON.stringify(one) === JSON.stringify(other);

/** All ordered pairs of rows, each swapped in every way: how many were tried, and how many opened. */
export function swapAll(ring: Keyring, keys: readonly SealedKey[]) {
  let tried = 0;
  let opened = 0;
  for (const mine of keys)
    for (const other of keys)
      for (const swap of SWAPS) {
        const swapped = swap(mine, other);
        if (isSame(swapped, mine) || isSame(swapped, other)) continue;
        tried += 1;
        if (isOpened(ring, swapped)) opened += 1;
      }
  return { tried, opened };
}

function* flipped(bytes: Buffer): Generator<Buffer> {
  for (let bit = 0; bit < bytes.length * 8; bit += 1) {
    const copy = Buffer.from(bytes);
    copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    yield copy;
  }
}

/** A field as it was stored and as the bytes that it stands for, each of their bits flipped. */
function* flips(key: SealedKey): Generator<SealedKey> {
  for (const field of ['sealed', 'wrapped'] as const) {
    for (const bytes of flipped(Buffer.from(key[field], 'base64'))) yield { ...key, [field]: bytes.toString('base64') };
    for (const text of flipped(Buffer.from(key[field]))) yield { ...key, [field]: text.toString('latin1') };
  }
  for (const version of flipped(Buffer.from(key.kek_version)))
    yield { ...key, kek_version: version.toString('latin1') };
}

/** Cut, doubled, empty: what is no bit. */
function* mangled(key: SealedKey): Generator<SealedKey> {
  for (const field of ['sealed', 'wrapped'] as const) {
    for (const text of [
      '',
      'AAAA',
      key[field].slice(4),
      key[field].slice(0, -4),
      `${key[field]}${key[field]}`,
      ` ${key[field]}`,
    ])
      yield { ...key, [field]: text };
  }
}

export function flipAll(ring: Keyring, keys: readonly SealedKey[]) {
  let tried = 0;
  let accepted = 0;
  for (const key of keys)
    for (const changed of [...flips(key), ...mangled(key)]) {
      tried += 1;
      if (isOpened(ring, changed)) accepted += 1;
    }
  return { tried, accepted };
}

/** Rows that say another version than the one that sealed them: older, newer, weaker, none. */
export function downgradeAll(ring: Keyring, keys: readonly SealedKey[]) {
  const versions = [...ring.masters.keys(), '0', '', '01', 'v1', '1 ', '__proto__', 'constructor', 'null'];
  const changed = keys.flatMap((key) =>
    versions.filter((version) => version !== key.kek_version).map((kek_version) => ({ ...key, kek_version })),
  );
  return { tried: changed.length, accepted: changed.filter((key) => isOpened(ring, key)).length };
}
