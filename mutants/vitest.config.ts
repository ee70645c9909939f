import { defineConfig } from 'vitest/config';
import short from '../vitest.config.ts';

/** As for `npm test`, but the database is there already, broken or not. */
const { globalSetup, ...test } = short.test ?? {};

export default defineConfig({
  test: { ...test, maxWorkers: 1, provide: JSON.parse(process.env['VERNE_MUTANT_PROVIDED'] ?? '{}') },
});
