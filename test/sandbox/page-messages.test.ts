import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { closeBrowser, openBrowser } from '../support/browser.ts';
import { HOSTILE, MESSAGES } from '../support/page-messages.ts';
import { CHANNEL, type PageStage, startPageStage } from '../support/page-stage.ts';

/** One sandbox and one page for all; each claim looks at the message of its kind. */
let stage: PageStage;
let page: Page;
const ids: Record<string, string> = {};
const complaints: string[] = [];
/** What the page asked for from anywhere but its own sandbox. */
const foreign: string[] = [];

beforeAll(async () => {
  const [started, browser] = await Promise.all([startPageStage(), openBrowser()]);
  stage = started;
  for (const [kind, message] of Object.entries(MESSAGES)) ids[kind] = await stage.post(message);
  page = await browser.newPage({ viewport: { width: 1200, height: 900 }, reducedMotion: 'reduce' });
  page.setDefaultTimeout(15_000);
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (line) => {
    if (line.type() === 'error' && !line.text().startsWith('Failed to load resource')) complaints.push(line.text());
  });
  page.on('request', (request) => {
    if (!request.url().startsWith(stage.origin)) foreign.push(request.url());
  });
  await page.goto(stage.origin);
  await row('ping').waitFor();
});
afterEach(() => {
  expect(complaints.splice(0)).toEqual([]);
  expect(foreign.splice(0)).toEqual([]);
});
afterAll(async () => {
  await closeBrowser();
  await stage?.stop();
});

const row = (kind: string) => page.locator(`[data-message-id="${ids[kind]}"]`);
const poll = <T>(read: () => T | Promise<T>) => expect.poll(read, { timeout: 15_000, interval: 20 });

async function use(command: string): Promise<void> {
  await page.locator('#composer-input').fill(`/${command} `);
  await page.keyboard.press('Enter');
}

type Violation = { readonly id: string; readonly nodes: readonly { readonly target: readonly string[] }[] };

/** Looks at the open form, or at the conversation where none is open; the frame around them has tests of its own. */
async function axe(): Promise<string[]> {
  await page.evaluate(await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8'));
  const { violations } = (await page.evaluate(
    'axe.run(document.querySelector("dialog[open]") ?? "#main", { resultTypes: ["violations"] })',
  )) as { violations: readonly Violation[] };
  return violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(' ')}`));
}

describe('a message', () => {
  it('of a hostile author is the text that it is, everywhere', async () => {
    for (const selector of [
      '.message-body > .markdown',
      '.embed-title',
      '.embed-author',
      '.embed .markdown',
      '.embed-footer',
    ]) {
      expect([selector, await row('hostile').locator(selector).first().textContent()]).toEqual([selector, HOSTILE]);
    }
    expect(await page.locator('#messages script, #messages img[onerror], #messages [href^="javascript"]').count()).toBe(
      0,
    );
    expect(await page.title()).not.toMatch(/^[12]$/);
  });

  it('shows mentions by name, those of oneself apart, roles in their colour', async () => {
    const names = await row('markdown').locator('.mention').allTextContents();
    expect(names).toEqual(['@approver', '@requester', '@Release approver', '#general', '/jules', '@everyone']);
    expect(await row('markdown').locator('.mention.mine').textContent()).toBe('@requester');
    expect(await row('markdown').locator('.mention.role').getAttribute('style')).toContain('--role: #');
  });

  it('shows a diff in colours', async () => {
    const block = row('markdown').locator('code[data-language="diff"]');
    expect(await block.locator('.hunk, .removed, .added').allTextContents()).toEqual([
      '@@ -1 +1 @@\n',
      '- old\n',
      '+ new',
    ]);
  });

  it('that was sent silently or edited says so', async () => {
    expect(await row('silent').locator('.silent').getAttribute('title')).toBe('This is a @silent message.');
    await stage.call('PATCH', `/channels/${CHANNEL}/messages/${ids['silent']}`, { content: 'Still working…' });
    await row('silent').locator('.edited').waitFor();
  });

  it('shows reactions with their counts', async () => {
    await stage.call('PUT', `/channels/${CHANNEL}/messages/${ids['silent']}/reactions/${encodeURIComponent('✅')}/@me`);
    await row('silent').locator('.reaction').waitFor();
    expect(await row('silent').locator('.reaction').textContent()).toBe('✅1');
  });

  it('that answers another one leads to it', async () => {
    const about = { message_reference: { message_id: ids['markdown'] } };
    ids['reply'] = await stage.post({ body: { content: 'Done.', ...about } });
    await row('reply').locator('.reference').click();
    await poll(() => page.locator(':focus').getAttribute('data-message-id')).toBe(ids['markdown']);
  });

  it('that a thread was made from leads into it, and the thread back', async () => {
    await stage.call('POST', `/channels/${CHANNEL}/messages/${ids['reply']}/threads`, { name: 'The task' });
    await stage.post({ body: { content: 'step 1' } }, ids['reply']);
    await row('reply').getByText('1 message').click();
    await page.getByText('step 1').waitFor();
    await page.locator('.started-from button').click();
    await row('reply').waitFor();
  });

  it('of Discord itself is a line: a thread that began without a message', async () => {
    await stage.call('POST', `/channels/${CHANNEL}/threads`, { name: 'Loose ends', type: 11 });
    const line = page.locator('.system-line', { hasText: 'Verne started a thread: Loose ends' });
    await line.getByRole('button', { name: 'Loose ends' }).click();
    await page.getByText('This is the start of the thread Loose ends.').waitFor();
    await page.locator('#channels .channel', { hasText: 'jules' }).first().click();
  });
});

describe('what stands in a message', () => {
  it('pictures of the sandbox are shown with their alternative text, others only named', async () => {
    const card = row('card');
    expect(await card.locator('img').evaluateAll((all) => all.map((el) => el.getAttribute('alt')))).toEqual([
      'Logo of octo-org',
      'The page before',
      'The page after',
    ]);
    await poll(() =>
      card.locator('img').evaluateAll((all) => all.every((el) => 'naturalWidth' in el && el.naturalWidth)),
    ).toBe(true);
    expect(await card.locator('.media').textContent()).toContain('https://cdn.example.com/three.png');
    expect(await row('embed').locator('.media').textContent()).toContain('https://cdn.example.com/thumb.png');
    expect(await row('embed').locator('.attachment, .picture').count()).toBe(1);
  });

  it('a file is shown with its size, a text with its first lines, a patch as a diff', async () => {
    const files = row('files');
    expect(await files.locator('.attachment-size').allTextContents()).toEqual([
      '508 bytes · The change',
      '21 bytes',
      '332.03 KB',
    ]);
    await files.getByRole('button', { name: 'Expand (31 lines)' }).click();
    expect(await files.locator('.preview').first().locator('.added').count()).toBe(4);
    expect(await files.getByRole('button', { name: 'Collapse' }).getAttribute('aria-expanded')).toBe('true');
    expect(await files.locator('a[download]').first().getAttribute('href')).toMatch(/^\/attachments\//);
  });

  it('what is a spoiler is shown on demand, by keys too', async () => {
    const hidden = row('spoiler').getByRole('button', { name: 'Spoiler, hidden' });
    await hidden.focus();
    await page.keyboard.press('Enter');
    expect(await hidden.count()).toBe(0);
    expect(await row('spoiler').locator('strong').isVisible()).toBe(true);
  });

  it('a link button is a link, and a disabled one leads nowhere', async () => {
    expect(await row('buttons').getByRole('link', { name: 'Link' }).getAttribute('href')).toMatch(
      /^https:\/\/github\.com\//,
    );
    expect(await row('buttons').locator('button:disabled').allInnerTexts()).toEqual(['Off', 'Off too', 'Link off']);
  });

  it('a select takes no fewer and no more than it may, by keys alone', async () => {
    const toggle = row('selects').locator('[data-custom-id="strings"] .select-toggle');
    await toggle.focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Escape');
    expect(stage.heard.filter(({ about }) => about === 'strings')).toEqual([]);
    await page.keyboard.press('ArrowDown');
    for (const key of ['Home', 'Enter', 'End', 'Enter']) await page.keyboard.press(key);
    const off = row('selects').locator('[aria-disabled="true"]');
    expect(await off.allInnerTexts()).toEqual(['Blue']);
    await page.keyboard.press('Escape');
    await poll(() => stage.heard.find(({ about }) => about === 'strings')?.data['values']).toEqual([
      'green',
      'red',
      'white',
    ]);
    expect(await toggle.evaluate((el) => el.matches(':focus'))).toBe(true);
  });

  it('a select of people is searched', async () => {
    await row('selects').locator('[data-custom-id="users"] .select-toggle').click();
    await page.keyboard.type('out');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Enter');
    await poll(() => stage.heard.find(({ about }) => about === 'users')?.data['values']).toEqual([
      '1190000000000000043',
    ]);
  });
});

describe('what a command leads to', () => {
  it('an answer for one alone says so, and is put away by hand', async () => {
    await use('whisper');
    await page.locator('.ephemeral').getByRole('button', { name: 'Dismiss message' }).click();
    await poll(() => page.locator('.ephemeral').count()).toBe(0);
  });

  it('it is on its way, then the bot thinks, and one that never answers did not respond', async () => {
    await use('think');
    await page.getByText('Verne is thinking…').waitFor();
    await use('silent');
    await page.getByText('Sending command…').last().waitFor();
    await page.locator('.failure', { hasText: 'The application did not respond' }).waitFor();
    expect(await page.locator('.failure .reference').textContent()).toContain('requester used /silent');
  });

  it('the arrow key brings it back as it was filled', async () => {
    await page.locator('#composer-input').fill('/jules ');
    await page.keyboard.type('Fix the login');
    await page.keyboard.press('Enter');
    await page.locator('#composer-input').focus();
    await page.keyboard.press('ArrowUp');
    expect(await page.locator('[data-option="prompt"]').inputValue()).toBe('Fix the login');
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
  });

  it('a wrong option is said in words, and nothing is sent', async () => {
    const before = stage.heard.length;
    await page.locator('#composer-input').fill('/jules ');
    await page.keyboard.press('Enter');
    const said = () => page.locator('.suggestions-wrong').textContent();
    expect(await said()).toBe('This option is required. Specify a value.');
    await page.keyboard.type('no');
    await page.keyboard.press('Enter');
    expect(await said()).toBe('Must be at least 3 characters long.');
    await page.keyboard.type('w');
    await page.getByRole('button', { name: '+ steps' }).click();
    await page.keyboard.type('9');
    await page.keyboard.press('Enter');
    expect(await said()).toBe('Must be 5 or less.');
    expect(stage.heard.slice(before)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.locator('#composer-input:focus').waitFor();
  });

  it('a form is filled and sent by keys, points at what is missing, and gives the focus back', async () => {
    await use('form');
    await page.locator('dialog[open] textarea:focus').waitFor();
    await page.keyboard.type('no');
    await page.getByRole('button', { name: 'Submit' }).click();
    expect(await page.locator('.field-error:visible').allTextContents()).toEqual([
      'Must be at least 3 characters long.',
      'This field is required.',
    ]);
    expect(await axe()).toEqual([]);
    await page.keyboard.type('t now');
    await page.keyboard.press('Tab');
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Space');
    expect(await page.getByLabel('The channel').isDisabled()).toBe(true);
    await page.getByLabel('Who decides').focus();
    await page.keyboard.press('Enter');
    await page.keyboard.type('appr');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Submit' }).press('Enter');
    await page.locator('dialog[open]').waitFor({ state: 'detached' });
    await page.locator('#composer-input:focus').waitFor();
    const sent = JSON.stringify(stage.heard.at(-1)?.data['components']);
    for (const part of ['"not now"', '"value":"now"', '["requester"]', '["1190000000000000041"]']) {
      expect(sent).toContain(part);
    }
  });

  it('a form shows what cannot be filled in here, and says so', async () => {
    await use('other');
    await page.getByText('Up to 3 files. The sandbox cannot upload by hand.').waitFor();
    expect(await page.getByLabel('Screenshots').isDisabled()).toBe(true);
    expect(await page.getByLabel('Tell me when it is done').isChecked()).toBe(true);
    expect(await axe()).toEqual([]);
    await page.keyboard.press('Escape');
    await page.locator('#composer-input:focus').waitFor();
  });

  it('a mention of a command begins it', async () => {
    await row('markdown').getByRole('button', { name: '/jules' }).click();
    await page.locator('[data-option="prompt"]:focus').waitFor();
    await page.keyboard.press('Escape');
    await page.locator('#composer-input:focus').waitFor();
  });
});

describe('the timeline', () => {
  it('says who is typing until they have said it', async () => {
    await stage.call('POST', `/channels/${CHANNEL}/typing`);
    await page.getByText('Verne is typing…').waitFor();
    await stage.post({ body: { content: 'said' } });
    await poll(() => page.locator('#typing').textContent()).toBe('');
  });

  it('draws a line where reading stopped', async () => {
    await page.locator('#channels .channel', { hasText: 'general' }).first().click();
    const id = await stage.post({ body: { content: 'while you were away' } });
    await page.locator('#channels .channel', { hasText: 'jules' }).first().click();
    await page.locator('.divider.new').waitFor();
    const next = await page.locator('.divider.new + li').getAttribute('data-message-id');
    expect(next).toBe(id);
  });

  it('is a log that is read out, and scrolled by keys', async () => {
    const log = page.getByRole('log', { name: 'jules' });
    await stage.post({ body: { content: 'news to be read out' } });
    await page.getByText('news to be read out').waitFor();
    expect([await log.getAttribute('aria-live'), await log.getAttribute('tabindex')]).toEqual(['polite', '0']);
  });
});

describe('every kind of message', () => {
  // Colours do not depend on the width, so each theme is looked at once.
  it.each([
    ['dark', 390],
    ['light', 1200],
  ] as const)(
    'is free of what hinders people, %s at %i pixels, and no wider than the page',
    async (colorScheme, width) => {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 900 });
      expect(await axe()).toEqual([]);
      const widest = 'Math.max(document.documentElement.scrollWidth, document.querySelector("#scroller").scrollWidth)';
      expect(await page.evaluate(widest)).toBeLessThanOrEqual(width);
    },
  );
});

describe('the menu of a message', () => {
  const menu = () => page.getByRole('menu');
  const title = () => page.locator('dialog[open] h2').textContent();

  it('opens by a right click, and by keys from its button; what is chosen gets the message', async () => {
    await row('ping').click({ button: 'right', position: { x: 60, y: 8 } });
    await menu().waitFor();
    expect(await axe()).toEqual([]);
    await page.keyboard.press('Escape');
    await menu().waitFor({ state: 'detached' });
    const button = row('ping').getByRole('button', { name: 'Apps for this message' });
    await button.focus();
    await page.keyboard.press('Enter');
    await poll(() =>
      menu()
        .getByRole('menuitem')
        .first()
        .evaluate((item) => item.matches(':focus')),
    ).toBe(true);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await poll(title).toBe('About it');
    expect(stage.heard.at(-1)?.data).toMatchObject({ type: 3, target_id: ids['ping'] });
    await page.keyboard.press('Escape');
    await poll(() => button.evaluate((one) => one.matches(':focus'))).toBe(true);
  });
});
