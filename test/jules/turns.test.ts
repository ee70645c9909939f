import { expect, test } from 'vitest';
import { Turns } from '#jules/turns.ts';
import { signal } from './support.ts';

const settled = () => new Promise((resolve) => setImmediate(resolve));

test('turns come in order, and those of another name need not wait', async () => {
  const turns = new Turns(1);
  const order: string[] = [];
  const take = async (name: string, what: string) => {
    const end = await turns.take(name, signal);
    order.push(what);
    return end;
  };
  const end = await take('a', 'first');
  const second = take('a', 'second');
  const third = take('a', 'third');
  await take('b', 'other');
  await settled();
  expect(order).toEqual(['first', 'other']);
  end();
  (await second)();
  (await third)();
  expect(order).toEqual(['first', 'other', 'second', 'third']);
});

test('whoever gives up while waiting takes nobody else along', async () => {
  const turns = new Turns(1);
  const [stop, late] = [new AbortController(), new AbortController()];
  const end = await turns.take('a', signal);
  const gone = turns.take('a', stop.signal);
  const served = turns.take('a', late.signal);
  const last = turns.take('a', signal);
  stop.abort(new Error('enough'));
  await expect(gone).rejects.toThrow('enough');
  end();
  late.abort();
  const endServed = await served;
  endServed();
  (await last)();
  await expect(turns.take('a', AbortSignal.abort())).rejects.toThrow();
});
