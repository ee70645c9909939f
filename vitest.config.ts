import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    // Most tests wait for a process, a database or a browser: as many workers as two cores have leave them idle.
    maxWorkers: 3,
    // No test changes what another imports, and the many files that import the bot need not each read it anew.
    isolate: false,
    // A thread is there in half the time of a process, for each of the many files.
    pool: 'threads',
    testTimeout: 20_000,
    hookTimeout: 60_000,
    // What is waited for comes when the machine gets to it; a second would be a guess.
    expect: { poll: { timeout: 15_000 } },
  },
});
