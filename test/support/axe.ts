import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';

const SOURCE = fileURLToPath(new URL('../../node_modules/axe-core/axe.min.js', import.meta.url));

type Finding = { id: string; nodes: { target: unknown[]; any: { message: string }[]; all: { message: string }[] }[] };

let source: Promise<string> | undefined;

/** `within` is a selector, the whole page where it is not named; `rules` are all of them where they are not named. */
export type AxeWish = { readonly within?: string; readonly rules?: readonly string[] };

/** What axe finds wrong with what is on the screen now, each as `rule: selector: why`. */
export async function axeFindings(page: Page, { within, rules }: AxeWish = {}): Promise<string[]> {
  source ??= readFile(SOURCE, 'utf8');
  // Evaluated, not added as an element: the page's content policy allows no foreign script.
  if (!(await page.evaluate('"axe" in window'))) await page.evaluate(await source);
  const options = JSON.stringify({ resultTypes: ['violations'], ...(rules && { runOnly: rules }) });
  const context = within === undefined ? 'document' : JSON.stringify(within);
  const run = `axe.run(${context}, ${options}).then(({ violations }) => violations)`;
  const violations = (await page.evaluate(run)) as Finding[];
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, any, all }) => `${id}: ${target.join(' ')}: ${[...any, ...all][0]?.message ?? ''}`),
  );
}
