import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inflateSync } from 'node:zlib';
import type { Page, Request } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { axeFindings } from '../support/axe.ts';
import { closeBrowser, openBrowser } from '../support/browser.ts';
import { cardsOf, type RunningSandbox, startSandbox } from '../support/sandbox.ts';
import { FAULT_ORDERS } from './fault-orders.ts';

/** The whole product by hand: what a newcomer sees and clicks in the sandbox page, and then breaks. */
let sandbox: RunningSandbox;
let page: Page;
let folder: string;
const complaints: string[] = [];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'verne-shots-'));
  const [started, browser] = await Promise.all([startSandbox(), openBrowser()]);
  sandbox = started;
  const context = await browser.newContext({ viewport: { width: 1360, height: 900 }, reducedMotion: 'reduce' });
  page = await context.newPage();
  page.setDefaultTimeout(20_000);
  page.on('pageerror', (error) => complaints.push(error.message));
  // A breach of the content security policy is told on the console.
  page.on('console', (line) => {
    if (line.type() === 'error' && !line.text().startsWith('Failed to load resource')) complaints.push(line.text());
  });
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

const button = (name: string | RegExp) => page.getByRole('button', { name, exact: true });
const become = (name: string) => page.getByRole('radio', { name }).check({ force: true });
const openChannel = (at: number) => page.locator('#channels .channel:not(.thread)').nth(at).click();
const cardNow = () => page.locator('.message', { has: button('Confirm') }).last();
const steps = () => page.locator('.step.done .step-title').allTextContents();

/** Both themes, the whole page or a part of it; the second look differs from the first in colours alone. */
async function findings(within?: string): Promise<string[]> {
  const part = within === undefined ? {} : { within };
  await page.emulateMedia({ colorScheme: 'dark' });
  const dark = await axeFindings(page, part);
  await page.emulateMedia({ colorScheme: 'light' });
  return [...dark, ...(await axeFindings(page, { ...part, rules: ['color-contrast', 'link-in-text-block'] }))];
}

async function ask(prompt: string) {
  const before = cardsOf(await sandbox.state()).length;
  await page.locator('#composer-input').pressSequentially('/jules ');
  await page.keyboard.type(prompt);
  await page.keyboard.press('Enter');
  const card = await sandbox.until('a card', (state) => cardsOf(state)[before]);
  return page.locator(`[data-message-id="${card.id}"]`);
}

test('the empty page has nothing that axe finds wrong', async () => {
  await page.waitForSelector('.who');
  expect(await findings()).toEqual([]);
});

test('a newcomer asks with one click, and a card appears in the channel', async () => {
  await button('Ask for me').click();
  await page.locator('#messages').getByText('New Jules Task Requested').waitFor();
  await page.getByText('It waits for an approver.').waitFor();
  await page.locator('.step.current', { hasText: 'Confirm' }).waitFor();
  expect(await steps()).toEqual(['Ask (done)']);
});

test('outsider and requester press Confirm, and each is told why it is not theirs to press', async () => {
  for (const name of ['outsider', 'requester']) {
    await become(name);
    await cardNow().getByRole('button', { name: 'Confirm', exact: true }).click();
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

test('the next click confirms as the approver: a thread opens, and the link comes as one new message', async () => {
  await button('Press it for me').click();
  await page.getByRole('radio', { name: 'approver' }).and(page.locator(':checked')).waitFor();
  const link = page.locator('.message', { hasText: '✅ PR ready: https://github.com/' });
  await link.first().waitFor();
  await page
    .locator('.message')
    .getByText(/^✅ PR ready: octo-org/)
    .first()
    .waitFor();
  expect(await link.count()).toBe(1);
  await button('Break something').waitFor();
  expect(await steps()).toHaveLength(3);
  await page.locator('.message .thread-link').first().click();
  await page.locator('#messages').getByText('The plan').waitFor();
  await page.locator('#messages').getByText('Jules works on').waitFor();
  expect(await findings()).toEqual([]);
});

test('the approver rejects a second one with a reason, which the requester finds in a direct message', async () => {
  await openChannel(0);
  await become('requester');
  await ask('Rewrite everything');
  await become('approver');
  await cardNow().getByRole('button', { name: 'Reject…' }).click();
  const dialog = page.locator('dialog[open]');
  await dialog.getByLabel('Reason').fill('One page first, please');
  expect(await findings('dialog[open]')).toEqual([]);
  await dialog.getByRole('button', { name: 'Submit' }).click();
  await page.locator('#messages').getByText('❌ Task rejected by Admin.').waitFor();
  await dialog.waitFor({ state: 'detached' });
  await become('requester');
  await page.locator('#dms .badge').waitFor();
  await page.locator('#dms [data-channel-id]').first().click();
  await page.locator('#messages').getByText('One page first, please').waitFor();
});

test('the whole story is told with keys alone', async () => {
  await openChannel(0);
  await page.evaluate('document.activeElement.blur()');
  await page.keyboard.press('Alt+2');
  await page.keyboard.press('Alt+m');
  await page.keyboard.type('/jules By keys alone', { delay: 10 });
  const before = cardsOf(await sandbox.state()).length;
  await page.keyboard.press('Enter');
  const card = await sandbox.until('a card', (state) => cardsOf(state)[before]);
  const confirm = page.locator(`[data-message-id="${card.id}"] button`, { hasText: 'Confirm' });
  await confirm.waitFor();
  await page.keyboard.press('Alt+1');
  await page.locator('#skip-to-messages').focus();
  await page.keyboard.press('Enter');
  const focused = () => page.evaluate<string>('document.activeElement.textContent');
  for (let tabs = 0; tabs < 80; tabs += 1) {
    await page.keyboard.press('Tab');
    if ((await focused()) === 'Confirm') break;
  }
  expect(await focused()).toBe('Confirm');
  await page.keyboard.press('Enter');
  await sandbox.until('a session', (state) => state.sessions[1]);
  await page.keyboard.press('Alt+ArrowDown');
  await page.getByRole('heading', { level: 1, name: /Add a health check/ }).waitFor();
  await page.keyboard.press('?');
  await page.getByRole('heading', { name: 'Keys' }).waitFor();
  await page.keyboard.press('Escape');
  expect(await page.locator('dialog[open]').count()).toBe(0);
});

/** Presses every button of a group by its key, from the top, and waits for what is said of each. */
async function pressAll(group: string, look?: (label: string) => Promise<void>): Promise<string[]> {
  const box = page.locator('details.group', { has: page.getByRole('heading', { name: group, exact: true }) });
  await box.locator('summary').click();
  const orders = box.locator('.order-label');
  const labels = await orders.allTextContents();
  const status = page.locator('#scenario-status');
  let said = await status.textContent();
  for (const [at, label] of labels.entries()) {
    await orders.nth(at).press('Enter');
    await expect.poll(() => status.textContent(), { timeout: 10_000, interval: 20 }).not.toBe(said);
    said = await status.textContent();
    expect(`${label}: ${said}`).not.toContain('Not done');
    await look?.(label);
  }
  return labels;
}

async function armedNow(): Promise<string[]> {
  const { faults } = (await sandbox.state()) as unknown as { faults: { fault: string }[] };
  return faults.map(({ fault }) => fault);
}

async function fallSilent(): Promise<string[]> {
  await button('Fall silent').click();
  return armedNow();
}

const isOrder = (path: string) => path === '/sandbox/faults' || path === '/sandbox/jules';

test('every fault has a button that orders what it names, what lasts is seen, and Clear all mends it', async () => {
  const sent: object[] = [];
  const note = (request: Request) => {
    const isSent = request.method() === 'POST' && isOrder(new URL(request.url()).pathname);
    if (isSent) sent.push(request.postDataJSON() as object);
  };
  page.on('request', note);
  await become('requester');
  await page.locator('#channels .thread').last().click();
  await page.getByRole('tab', { name: /^Break/ }).click();
  for (const [group, orders] of Object.entries(FAULT_ORDERS)) {
    sent.length = 0;
    const labels = await pressAll(group, async (label) => {
      const { lasts } = orders[label] ?? {};
      const isSeen = async () => lasts?.((await sandbox.state()) as Parameters<typeof lasts>[0]) ?? true;
      await expect.poll(isSeen, { timeout: 10_000, interval: 50, message: label }).toBe(true);
    });
    expect(labels).toEqual(Object.keys(orders));
    expect(sent).toEqual(Object.values(orders).map((one) => one.sends));
    // A connection can be silenced once the bot has one again after all that was done to it.
    if (group === 'Gateway') await expect.poll(fallSilent, { timeout: 10_000, interval: 200 }).toContain('gateway');
    await button('Clear all').click();
    await page.getByText('Nothing: everything works.').waitFor();
  }
  page.off('request', note);
  expect(await armedNow()).toEqual([]);
}, 60_000);

type Setting = { readonly name: string; readonly value: string | number | boolean };
async function settingsNow(): Promise<readonly Setting[]> {
  const offered = (await (await fetch(`${sandbox.origin}/sandbox/jules`)).json()) as { settings: Setting[] };
  return offered.settings;
}
const settingNow = async (name: string) => (await settingsNow()).find((one) => one.name === name)?.value;

/** Another value of the same kind, chosen as a person would. */
async function change({ name, value }: Setting): Promise<void> {
  const control = page.locator(`#setting-${name}`);
  if (typeof value === 'boolean') return control.setChecked(!value);
  if (typeof value === 'string') return void (await control.selectOption({ index: 1 }));
  await control.fill(String(value + 1));
  await control.press('Enter');
}

test('every way of Jules can be changed, and is then Jules’s', async () => {
  const before = await settingsNow();
  expect(before.length).toBeGreaterThan(10);
  await page.locator('details.group', { hasText: 'Ways of Jules' }).locator('summary').click();
  for (const setting of before) {
    await change(setting);
    const isChanged = expect.poll(() => settingNow(setting.name), { timeout: 10_000, interval: 20 });
    await isChanged.not.toBe(setting.value);
    // The controls are drawn anew after each change.
    await page.locator('#scenario-status', { hasText: String(await settingNow(setting.name)) }).waitFor();
  }
  await sandbox.drive('jules', { settings: Object.fromEntries(before.map(({ name, value }) => [name, value])) });
  expect(await settingsNow()).toEqual(before);
});

test('what the open thread is done to is seen in the list, and a deleted thread is gone from it', async () => {
  // News of a task would open its archived thread again.
  await sandbox.until(
    'nothing under way',
    ({ sessions }) => sessions.every(({ state, archived }) => archived || /COMPLETED|FAILED/.test(state)),
    15_000,
  );
  const thread = page.locator('#channels .thread').last();
  await thread.click();
  const name = await thread.locator('.channel-name').textContent();
  const box = page.locator('details.group', { hasText: 'Channels and threads' });
  await box.locator('summary').click();
  const press = (label: string) => box.getByRole('button', { name: label, exact: true }).click();
  const seen = async (says: string) => page.locator('#armed').getByText(says).waitFor();
  await press('Take permissions away');
  await seen('the bot lost');
  await press('Give permissions back');
  await press('Archive this thread');
  await seen('is archived');
  await thread.locator('.icon-archive').waitFor();
  await press('Unarchive this thread');
  await page.getByText('Nothing: everything works.').waitFor();
  await press('Lock this thread');
  await seen('is locked');
  await press('Unlock this thread');
  const { messages } = await sandbox.state();
  await press("Delete the bot's last message");
  await box.locator('.order-question .danger').click();
  await sandbox.until('a message less', (state) => state.messages.length < messages.length);
  await press('Delete this channel');
  expect(await box.locator('.order-question').textContent()).toContain('cannot be undone');
  await box.locator('.order-question .danger').click();
  await page.locator('#channels .channel-name', { hasText: name ?? '' }).waitFor({ state: 'detached' });
  await button('Clear all').click();
});

test('every scenario has a button, and the sessions to come take them in their order', async () => {
  const labels = await pressAll('Next Jules session');
  expect(labels.length).toBeGreaterThan(10);
  const offered = (await (await fetch(`${sandbox.origin}/sandbox/jules`)).json()) as { scenarios: object[] };
  expect(labels).toHaveLength(offered.scenarios.length);
  expect(await page.locator('[data-scenario][aria-pressed="true"]').textContent()).toBe(labels[0]);
});

test('the panel has nothing that axe finds wrong, whatever stands open in it', async () => {
  await page.evaluate('for (const one of document.querySelectorAll("details.group")) one.open = true');
  expect(await findings('#panel')).toEqual([]);
  await page.getByRole('tab', { name: /^Requests/ }).click();
  await page.locator('#requests summary').first().click();
  expect(await findings('#panel')).toEqual([]);
  await page.getByRole('tab', { name: /^Jules/ }).click();
  await page.locator('.pushes summary').first().click();
  expect(await findings('#panel')).toEqual([]);
});

/**
 * The parts of the page that stick out of the screen, or whose content sticks out of them: the page itself hides what is too
 * wide, so its own width proves little.
 */
const tooWide = () =>
  page.evaluate<string[]>(`[document.documentElement, ...document.querySelectorAll(
    '#top, #main, #scroller, #welcome, #composer, #sidebar, .sidebar-lists, #panel, #tabs, .tab')]
    .filter((el) => el.checkVisibility())
    .filter((el) => {
      const { left, right } = el.getBoundingClientRect();
      return left < -0.5 || right > innerWidth + 0.5 || el.scrollWidth > el.clientWidth;
    })
    .map((el) => el.id || el.localName)`);

test('on a telephone nothing is wider than the screen, with the drawers closed and open', async () => {
  await page.setViewportSize({ width: 390, height: 844 });
  await openChannelOnPhone();
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390);
  expect(await tooWide()).toEqual([]);
  expect(await findings()).toEqual([]);
  await button('Channel list').click();
  await page.locator('#sidebar').waitFor();
  expect(await tooWide()).toEqual([]);
  await page.keyboard.press('Escape');
  await button('Sandbox panel').click();
  for (const tab of await page.getByRole('tab').all()) {
    await tab.click();
    expect(await tooWide()).toEqual([]);
  }
  expect(await findings('#panel')).toEqual([]);
  await page.keyboard.press('Escape');
  await page.setViewportSize({ width: 1360, height: 900 });
});

async function openChannelOnPhone() {
  await button('Channel list').click();
  await openChannel(0);
  await page.locator('#sidebar').waitFor({ state: 'hidden' });
}

test('the page can be looked at: its picture is not blank', async () => {
  await openChannel(0);
  await page
    .locator('.message')
    .getByText(/^✅ PR ready: octo-org/)
    .first()
    .waitFor();
  const path = join(folder, 'sandbox.png');
  await page.screenshot({ path });
  expect(isBlank(await readFile(path))).toBe(false);
  expect(complaints).toEqual([]);
});
