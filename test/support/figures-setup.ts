import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { keepFigures, type Told } from './reliability-page.ts';

/** Gathers what the tests of a full run measured, and writes the page when they are over. */
export async function setup(project: TestProject) {
  const folder = await mkdtemp(join(tmpdir(), 'verne-figures-'));
  const gathered = join(folder, 'figures.jsonl');
  project.provide('figures', gathered);
  return async () => {
    const lines = (await readFile(gathered, 'utf8').catch(() => '')).split('\n').filter(Boolean);
    if (lines.length > 0) keepFigures(lines.map((line) => JSON.parse(line) as Told));
    await rm(folder, { recursive: true, force: true });
  };
}
