import { defineConfig, mergeConfig } from 'vitest/config';
import short from './vitest.config.ts';

/** What is too long for `npm test`. */
export default mergeConfig(
  short,
  defineConfig({ test: { include: ['test/full/**/*.full.ts'], testTimeout: 1_200_000, hookTimeout: 120_000 } }),
);
