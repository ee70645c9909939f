import { z } from 'zod';
import { RemoteFailure } from '#kernel/errors.ts';
import { type Call, type CallDeps, callJules } from './call.ts';
import { unreadableFailure } from './failure.ts';

type ListCall = Omit<Call, 'method' | 'effect'>;

export type Listing<Schema extends z.ZodType> = {
  /** The key under which a page holds its items; absent on an empty page. */
  readonly field: string;
  readonly schema: Schema;
  readonly stopAt?: (item: z.output<Schema>) => boolean;
  /** What need not be held in memory of those that were read so far. */
  readonly lighten?: (items: z.output<Schema>[]) => z.output<Schema>[];
};

const PAGE_SIZE = 100;
const MAX_PAGES = 100;

/** Screenshots can make a page of a hundred too long to read; ten, or one, are then asked for instead. */
async function smallerUntilRead(deps: CallDeps, call: Call, sizes: readonly number[]): Promise<unknown> {
  const [size = 1, ...smaller] = sizes;
  try {
    return await callJules(deps, { ...call, query: { ...call.query, pageSize: String(size) } });
  } catch (error) {
    const isTooLarge = error instanceof RemoteFailure && error.code === 'too_large';
    if (!isTooLarge || smaller.length === 0) throw error;
    return smallerUntilRead(deps, call, smaller);
  }
}

const record = z.record(z.string(), z.unknown());
const page = z.object({ items: z.array(z.unknown()).nullish(), next: z.string().nullish() });

/** An empty list has no key of its own, and the last page no token. */
const pageOf = (field: string) =>
  z
    .preprocess((answer) => {
      const { nextPageToken, ...wire } = record.catch({ [field]: answer }).parse(answer);
      return { items: wire[field], next: nextPageToken };
    }, page)
    .transform(({ items, next }) => ({ items: items ?? [], next: next ?? '' }));

/** An item without a name cannot be spoken of again; the others on its page can. */
function readable<Schema extends z.ZodType>(items: readonly unknown[], schema: Schema): z.output<Schema>[] {
  return items.flatMap((item) => {
    const decoded = schema.safeParse(item);
    return decoded.success ? [decoded.data] : [];
  });
}

/**
 * All pages of a list, or as many as the caller wants. A list that does not end is a failure and not a short answer:
 * "not among them" must be true when it is said.
 */
export async function everyPage<Schema extends z.ZodType>(
  deps: CallDeps,
  listCall: ListCall,
  listing: Listing<Schema>,
): Promise<z.output<Schema>[]> {
  const call: Call = { ...listCall, method: 'GET', effect: 'read' };
  const shape = pageOf(listing.field);
  let all: z.output<Schema>[] = [];
  const seen = new Set<string>();
  let token = '';
  for (let pages = 0; pages < MAX_PAGES; pages += 1) {
    const query = { ...call.query, ...(token && { pageToken: token }) };
    const answer = shape.safeParse(await smallerUntilRead(deps, { ...call, query }, [PAGE_SIZE, 10, 1]));
    if (!answer.success)
      throw unreadableFailure(call, { code: 'unreadable', why: 'it is not a page of a list', cause: answer.error });
    const items = readable(answer.data.items, listing.schema);
    all.push(...items);
    all = listing.lighten?.(all) ?? all;
    token = answer.data.next;
    if (token === '' || (listing.stopAt && items.some(listing.stopAt))) return all;
    if (seen.has(token)) throw unreadableFailure(call, { code: 'repeated_page', why: 'a page leads back to itself' });
    seen.add(token);
  }
  throw unreadableFailure(call, { code: 'too_many_pages', why: `more than ${MAX_PAGES} pages` });
}
