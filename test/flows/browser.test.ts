import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inflateSync } from 'node:zlib';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { closeBrowser, openBrowser } from '../support/browser.ts';
import { cardsOf, type RunningSandbox, startSandbox } from '../support/sandbox.ts';

/** The main story by hand: what a newcomer sees and clicks in the sandbox page. */
let sandbox: RunningSandbox;
let page: Page;
let folder: string;
const complaints: string[] = [];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'verne-shots-'));
  const [started, browser] = await Promise.all([startSandbox(), openBrowser()]);
  sandbox = started;
  page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  page.setDefaultTimeout(20_000);
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(sandbox.origin);
}, 60_000);
afterAll(async () => {
  await closeBrowser();
  await sandbox?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** The pixels of a picture of one colour are a handful of different bytes. */
function isBlank(png: Buffer): boolean {
  const parts: Buffer[] = [];
  for (let at = 8; at < png.length; at += png.readUInt32BE(at) + 12) {
    const isData = png.toString('latin1', at + 4, at + 8) === 'IDAT';
    if (isData) parts.push(png.subarray(at + 8, at + 8 + png.readUInt32BE(at)));
  }
  return new Set(inflateSync(Buffer.concat(parts))).size < 32;
}

const become = (name: string) => page.getByRole('radio', { name }).check({ force: true });

async function ask(prompt: string) {
  const before = cardsOf(await sandbox.state()).length;
  await page.locator('#composer-input').pressSequentially('/jules ');
  await page.keyboard.type(prompt);
  await page.keyboard.press('Enter');
  const card = await sandbox.until('a card', (state) => cardsOf(state)[before]);
  return page.locator(`[data-message-id="${card.id}"]`);
}

test('the requester asks, and a card appears in the channel', async () => {
  await become('requester');
  const card = await ask('Add a health check');
  await card.getByText('New Jules Task Requested').waitFor();
  await page.getByText('It waits for an approver.').waitFor();
});

const cardNow = () => page.locator('.message', { has: page.getByRole('button', { name: 'Confirm' }) }).last();

test('outsider and requester press Confirm, and each is told why it is not theirs to press', async () => {
  for (const name of ['outsider', 'requester']) {
    await become(name);
    await cardNow().getByRole('button', { name: 'Confirm' }).click();
    await page
      .getByText(/You may not confirm or reject tasks here: that takes one of these roles/)
      .last()
      .waitFor();
    const told = (await sandbox.state()).messages.filter(
      ({ visible_to, content }) => visible_to === name && content.includes('You may not confirm'),
    );
    expect(told).toHaveLength(1);
  }
});

test('the approver confirms: a thread opens, and the link comes as one new message', async () => {
  await become('approver');
  await cardNow().getByRole('button', { name: 'Confirm' }).click();
  const link = page.locator('.message', { hasText: '✅ PR ready: https://github.com/' });
  await link.waitFor();
  await page
    .getByText(/^✅ PR ready: octo-org/)
    .first()
    .waitFor();
  expect(await link.count()).toBe(1);
  await page.locator('.message .thread-link').first().click();
  await page.getByText('The plan').waitFor();
  await page.getByText('Jules works on').waitFor();
});

test('the approver rejects a second one with a reason, which the requester finds in a direct message', async () => {
  await page.locator('#channels button').first().click();
  await become('requester');
  await ask('Rewrite everything');
  await become('approver');
  await cardNow().getByRole('button', { name: 'Reject…' }).click();
  await page.locator('dialog[open]').getByLabel('Reason').fill('One page first, please');
  await page.locator('dialog[open]').getByRole('button', { name: 'Submit' }).click();
  await page.getByText('❌ Task rejected by Admin.').waitFor();
  await page.locator('dialog[open]').waitFor({ state: 'detached' });
  await become('requester');
  await page.locator('#dms button').first().click();
  await page.getByText('One page first, please').waitFor();
});

test('the page can be looked at: its picture is not blank', async () => {
  await page.locator('#channels button').first().click();
  await page
    .getByText(/^✅ PR ready: octo-org/)
    .first()
    .waitFor();
  const path = join(folder, 'sandbox.png');
  await page.screenshot({ path });
  expect(isBlank(await readFile(path))).toBe(false);
  expect(complaints).toEqual([]);
});
