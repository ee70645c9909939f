const PULL_REQUEST = /^https:\/\/github\.com\/([a-z0-9-]{1,39}\/[\w.-]{1,100})\/pull\/([1-9][0-9]{0,9})$/i;

/** ASCII alone: `toLowerCase` makes a `k` of the Kelvin sign, and some databases an `i` of a dotted capital one. */
const isSame = (one: string, other: string) => one.toLowerCase() === other.toLowerCase();

/** `https://github.com/owner/name/pull/7` as Verne writes it, where an address is exactly one of these; else undefined. */
export function pullRequestUrl(address: string, repo?: string): string | undefined {
  const [, name, number] = PULL_REQUEST.exec(address) ?? [];
  if (name === undefined || (repo !== undefined && !isSame(name, repo))) return undefined;
  return `https://github.com/${repo ?? name}/pull/${number}`;
}
