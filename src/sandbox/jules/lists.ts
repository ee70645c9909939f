import { microsOf } from './clock.ts';
import { badRequest } from './failure.ts';
import { isFields, jsonOf } from './messages.ts';

type Page<Item> = { readonly items: readonly Item[]; readonly next: string };

const MAX_PAGE = 100;

/** Too large a page is cut to the largest, not refused. */
function pageSizeOf(query: URLSearchParams, byDefault: number): number {
  const asked = Number(query.get('pageSize') ?? 0);
  if (!Number.isInteger(asked) || asked < 0) throw badRequest('Invalid value at page_size (TYPE_INT32)');
  return asked === 0 ? byDefault : Math.min(asked, MAX_PAGE);
}

const badToken = () => badRequest('Request contains an invalid argument: page_token.');

/** The token of sources is the id of the first source of the next page. */
export function sourcePage<Item extends { readonly id: string }>(
  items: readonly Item[],
  query: URLSearchParams,
): Page<Item> {
  const token = query.get('pageToken') ?? '';
  const from = token === '' ? 0 : items.findIndex(({ id }) => id === token);
  if (from < 0) throw badToken();
  const until = from + pageSizeOf(query, 30);
  return { items: items.slice(from, until), next: items[until]?.id ?? '' };
}

const sessionToken = (micros: number) => Buffer.from(JSON.stringify({ until: micros })).toString('base64');

function readSessionToken(token: string): number {
  const read = jsonOf(Buffer.from(token, 'base64').toString());
  const { until } = isFields(read) ? read : {};
  if (typeof until !== 'number') throw badToken();
  return until;
}

/** Newest first; the token holds, so sessions created meanwhile shift nothing. */
export function sessionPage<Item extends { readonly createdAt: number }>(
  items: readonly Item[],
  query: URLSearchParams,
): Page<Item> {
  const token = query.get('pageToken') ?? '';
  const until = token === '' ? Number.POSITIVE_INFINITY : readSessionToken(token);
  const newestFirst = items.filter(({ createdAt }) => createdAt <= until).sort((a, b) => b.createdAt - a.createdAt);
  const size = pageSizeOf(query, 30);
  const following = newestFirst[size];
  return { items: newestFirst.slice(0, size), next: following ? sessionToken(following.createdAt) : '' };
}

/**
 * Oldest first; the token is an instant in nanoseconds and means "at or after". So a page is never cut between two of
 * the same instant.
 */
export function activityPage<Item extends { readonly createdAt: number }>(
  items: readonly Item[],
  query: URLSearchParams,
): Page<Item> {
  const token = query.get('pageToken') ?? '';
  if (!/^\d*$/.test(token)) throw badToken();
  const from = token === '' ? 0 : Number(BigInt(token) / 1000n);
  const oldestFirst = items.filter(({ createdAt }) => createdAt >= from).sort((a, b) => a.createdAt - b.createdAt);
  let size = pageSizeOf(query, 50);
  while (size < oldestFirst.length && oldestFirst[size]?.createdAt === oldestFirst[size - 1]?.createdAt) size += 1;
  const following = oldestFirst[size];
  return { items: oldestFirst.slice(0, size), next: following ? `${BigInt(following.createdAt) * 1000n}` : '' };
}

const badFilter = (filter: string) => badRequest(`Invalid filter: ${filter}`);

/** `name = sources/a OR name="sources/b"`. */
export function sourceFilter(query: URLSearchParams): (source: { readonly name: string }) => boolean {
  const filter = query.get('filter')?.trim() ?? '';
  if (filter === '') return () => true;
  const names = filter.split(/\s+OR\s+/).map((term) => {
    const name = /^name\s*=\s*(?:"([^"]+)"|(\S+))$/.exec(term.trim());
    if (!name) throw badFilter(filter);
    return name[1] ?? name[2];
  });
  return ({ name }) => names.includes(name);
}

/** Only `archived` is known; without a filter archived ones are hidden. */
export function sessionFilter(query: URLSearchParams): (session: { readonly archived: boolean }) => boolean {
  const filter = query.get('filter')?.trim() ?? '';
  if (filter === '') return ({ archived }) => !archived;
  const wanted = filter.split(/\s+OR\s+/).map((term) => {
    const value = /^archived\s*=\s*(true|false)$/.exec(term.trim());
    if (!value) throw badFilter(filter);
    return value[1] === 'true';
  });
  return ({ archived }) => wanted.includes(archived);
}

/** `create_time > "…"`, exclusive; whether the service knows more is not known, so nothing more is answered here. */
export function activityFilter(query: URLSearchParams): (activity: { readonly createdAt: number }) => boolean {
  const filter = query.get('filter')?.trim() ?? '';
  if (filter === '') return () => true;
  const instant = /^create_time\s*>\s*"([^"]+)"$/.exec(filter)?.[1];
  const after = instant === undefined ? Number.NaN : microsOf(instant);
  if (Number.isNaN(after)) throw badFilter(filter);
  return ({ createdAt }) => createdAt > after;
}
