import { appendFile } from 'node:fs/promises';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, inject, onTestFinished } from 'vitest';
import { CATALOGUE, type RowId } from './catalogue.ts';
import type { Told } from './reliability-page.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where a full run gathers its figures; absent in `npm test`. */
    figures: string | undefined;
  }
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Writes down what a full test measured, for `docs/reliability.md`. Call it inside the test; the figure counts only if
 * the test then passes. A short test, or any in `npm test`, tells nothing.
 */
export async function recordFigure(row: string, figure: string): Promise<void> {
  if (!(row in CATALOGUE)) throw new Error(`test/support/catalogue.ts has no row ${row}`);
  const gathered = inject('figures');
  const file = relative(ROOT, expect.getState().testPath ?? '');
  if (!gathered || !file.endsWith('.full.ts')) return;
  console.info(`${row}: ${figure}`);
  const told: Told = { row: row as RowId, file, figure };
  onTestFinished(async ({ task }) => {
    if (task.result?.state === 'pass') await appendFile(gathered, `${JSON.stringify(told)}\n`);
  });
}
