import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { post, startApp } from './support.ts';

/** As the route for /metrics has it. */
const PER_MINUTE = 60;
const TOKEN = 'a-token-of-the-operator';

/** How many of `count` guesses of the token were looked at, where each says that it comes from somewhere else. */
async function looked(trustedProxies: number, count: number, headersOf: (at: number) => Record<string, string>) {
  const app = await startApp({ deps: { trustedProxies, metricsToken: TOKEN } });
  const statuses: number[] = [];
  for (let at = 0; at < count; at += 1) {
    const headers = { authorization: 'Bearer a guess', ...headersOf(at) };
    statuses.push((await post(app, { headers }, '/metrics')).status);
  }
  expect(new Set(statuses)).toEqual(new Set(statuses.includes(429) ? [401, 429] : [401]));
  return statuses.filter((status) => status === 401).length;
}

const address = (at: number) => `203.0.113.${at}`;

test('a limit counts by the address that our own proxies tell, whatever the caller writes (D08)', async () => {
  const spoofs: readonly ((at: number) => Record<string, string>)[] = [
    (at) => ({ 'x-forwarded-for': address(at) }),
    (at) => ({ 'x-forwarded-for': `${address(at)}, ${address(at + 1)}` }),
    (at) => ({ forwarded: `for=${address(at)}` }),
    (at) => ({ 'x-real-ip': address(at), 'cf-connecting-ip': address(at), 'true-client-ip': address(at) }),
  ];
  for (const spoof of spoofs) expect(await looked(0, PER_MINUTE + 5, spoof)).toBe(PER_MINUTE);
  // Behind one proxy the last address is the proxy's word; what stands before it is the caller's.
  const behindOne = (at: number) => ({ 'x-forwarded-for': `${address(at)}, 198.51.100.7` });
  expect(await looked(1, PER_MINUTE + 5, behindOne)).toBe(PER_MINUTE);
  const behindTwo = (at: number) => ({ 'x-forwarded-for': `${address(at)}, 198.51.100.7, 198.51.100.8` });
  expect(await looked(2, PER_MINUTE + 5, behindTwo)).toBe(PER_MINUTE);
  // Who has a whole network of IPv6 has one place in it.
  const ofOneNetwork = (at: number) => ({ 'x-forwarded-for': `2001:db8:1:2::${at.toString(16)}` });
  expect(await looked(1, PER_MINUTE + 5, ofOneNetwork)).toBe(PER_MINUTE);
});

test('callers whom our proxy tells apart are counted apart', async () => {
  expect(await looked(1, PER_MINUTE + 5, (at) => ({ 'x-forwarded-for': address(at) }))).toBe(PER_MINUTE + 5);
});

test('of a thousand connections that send nothing whole, the oldest make room, and a request is answered', async () => {
  const app = await startApp({ deps: { metricsToken: TOKEN } });
  const sockets = Array.from({ length: 1005 }, () => connect({ port: app.port, host: '127.0.0.1' }));
  try {
    const heard = sockets.slice(0, 5).map(async (socket) => String((await once(socket, 'data'))[0]).slice(0, 12));
    expect(await Promise.all(heard)).toEqual(Array.from({ length: 5 }, () => 'HTTP/1.1 408'));
    expect((await post(app, { headers: { authorization: 'Bearer a guess' } }, '/metrics')).status).toBe(401);
    expect(sockets.slice(10).filter(({ readyState }) => readyState === 'open')).toHaveLength(995);
  } finally {
    for (const socket of sockets) socket.destroy();
  }
});
