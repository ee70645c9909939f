import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { type JulesOptions, julesClient } from '#jules/client.ts';
import { RemoteFailure } from '#kernel/errors.ts';
import { sessionName } from '#kernel/ids.ts';
import { Secret } from '#kernel/secret.ts';

export const API = 'https://jules.test/v1alpha';
export const KEY = new Secret('jules-key-of-nobody-1234');
export const signal = new AbortController().signal;

/** A client on the global fetch, which is the one that msw sees; it does not wait between tries. */
export const aClient = (options: Partial<JulesOptions> = {}) =>
  julesClient({
    apiBase: API,
    fetch: globalThis.fetch,
    timeoutMs: 2000,
    createTimeoutMs: 2000,
    sleep: async () => undefined,
    ...options,
  });

export const SESSION = sessionName('sessions/17753085909492805070');
export const NEW = { prompt: 'p', title: 't', source: 'sources/github/o/r', startingBranch: 'main' };

export async function failureOf(call: Promise<unknown>): Promise<RemoteFailure> {
  const outcome = await call.catch((error: unknown) => error);
  expect(outcome).toBeInstanceOf(RemoteFailure);
  return outcome as RemoteFailure;
}

export function withServer() {
  const server = setupServer();
  beforeAll(() => server.listen({ onUnhandledFrame: 'error' }));
  afterEach(() => server.resetHandlers());
  afterAll(() => server.close());
  return server;
}
