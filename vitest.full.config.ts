import { defineConfig, mergeConfig } from 'vitest/config';
import short from './vitest.config.ts';

/** What is too long for `npm test`. One file at a time: a figure that is measured beside others says little. */
export default mergeConfig(
  short,
  defineConfig({
    test: {
      include: ['test/full/**/*.full.ts', 'test/flows/kill.test.ts', 'test/flows/processes.test.ts'],
      env: { VERNE_LONG_RUN: '1' },
      globalSetup: ['test/support/figures-setup.ts'],
      maxWorkers: 1,
      isolate: true,
      testTimeout: 1_200_000,
      hookTimeout: 120_000,
    },
  }),
);
