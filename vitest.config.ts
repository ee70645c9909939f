import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    // Most tests wait for a process, a database or a browser: one worker, the default of two cores, leaves the cores idle.
    maxWorkers: 2,
    // A thread is there in half the time of a process, for each of the many files.
    pool: 'threads',
    testTimeout: 20_000,
    hookTimeout: 60_000,
  },
});
