/** `npm run screenshot`: walks the main story in the sandbox by clicking, and saves what a person then sees. */
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { closeBrowser, openBrowser } from '../test/support/browser.ts';
import { startSandbox } from '../test/support/sandbox.ts';

const PICTURE = fileURLToPath(new URL('../docs/images/sandbox.png', import.meta.url));
const PROMPT = 'Add a health check that answers 200 when the database is reachable';
const PATIENCE_MS = 60_000;

const be = (page: Page, name: string) => page.getByRole('radio', { name }).check({ force: true });

async function ask(page: Page) {
  await page.fill('#composer-input', '/jules ');
  await page.locator('[data-option="prompt"]').fill(PROMPT);
  await page.getByRole('button', { name: 'Send' }).click();
}

async function walk(page: Page) {
  await be(page, 'requester');
  await ask(page);
  await page.getByRole('button', { name: 'Confirm' }).waitFor();
  await be(page, 'approver');
  await page.getByRole('button', { name: 'Confirm' }).click();
  await page.getByText('PR ready: https://').first().waitFor();
  // The card's own last edit follows the link.
  await page.getByText('PR ready: octo-org/website#1').first().waitFor();
  await be(page, 'requester');
  await page.click('#welcome-dismiss');
  await page.locator('#scroller').evaluate((element) => element.scrollTo(0, element.scrollHeight));
}

async function take(origin: string) {
  const browser = await openBrowser();
  const page = await browser.newPage({ viewport: { width: 1360, height: 900 }, colorScheme: 'dark' });
  page.setDefaultTimeout(PATIENCE_MS);
  await page.goto(origin);
  await walk(page);
  await mkdir(dirname(PICTURE), { recursive: true });
  await page.screenshot({ path: PICTURE });
}

const sandbox = await startSandbox({ speed: 10 });
try {
  await take(sandbox.origin);
  console.log(`${PICTURE} written`);
} finally {
  await closeBrowser();
  await sandbox.stop();
}
