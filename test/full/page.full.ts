import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { closeBrowser, openBrowser } from '../support/browser.ts';
import { aMessage, aState, type PageFixture, PEOPLE, snowflake, startPageFixture } from '../support/page-fixture.ts';

let fixture: PageFixture;
let context: BrowserContext;
let page: Page;
let complaints: string[];

async function open(facts: Record<string, unknown> = {}, options: { width?: number } = {}): Promise<void> {
  fixture = await startPageFixture(aState(facts));
  const browser = await openBrowser();
  context = await browser.newContext({ viewport: { width: options.width ?? 1200, height: 800 } });
  page = await context.newPage();
  page.setDefaultTimeout(5000);
  page.on('pageerror', (error) => complaints.push(error.message));
  // A breach of the content security policy is told on the console.
  page.on('console', (line) => {
    if (line.type() === 'error' && !line.text().startsWith('Failed to load resource')) complaints.push(line.text());
  });
  await page.goto(fixture.url);
  await page.waitForSelector('.who');
}

const be = (name: keyof typeof PEOPLE) => page.getByRole('radio', { name }).check({ force: true });
const posted = (path: string) => fixture.posts.filter((one) => one.path === path).map((one) => one.body);
const poll = <T>(read: () => T | Promise<T>) => expect.poll(read, { timeout: 5000, interval: 20 });
const text = (selector: string) => page.locator(selector).textContent();
const row = (...components: object[]) => [{ type: 1, components }];
const confirm = row({ type: 2, style: 3, label: 'Confirm', custom_id: 'v1:confirm:7' });

beforeAll(async () => {
  await openBrowser();
});
beforeEach(() => {
  complaints = [];
});
afterEach(async () => {
  await context.close();
  await fixture.stop();
  expect(complaints).toEqual([]);
});
afterAll(closeBrowser);

describe('what is shown', () => {
  it('markup in a message is shown as the text that it is', async () => {
    const attack = '<b>bold</b> <img src=x onerror="document.title=1"> [x](javascript:alert(1))';
    const embed = {
      title: attack,
      description: attack,
      fields: [{ name: attack, value: attack }],
      footer: { text: attack },
    };
    await open({ messages: [aMessage({ content: attack, embeds: [embed] })] });
    expect(await text('.message .markdown >> nth=0')).toBe(attack);
    expect(await page.locator('#messages b, #messages img, #messages a').count()).toBe(0);
    expect(await page.title()).toBe('#jules · Verne sandbox');
  });

  it("Discord's Markdown is drawn", async () => {
    const content = [
      '# Title',
      '**bold** *it* __under__ ~~gone~~ `a*b*c` snake_case_name',
      '-# small',
      '- one',
      '- two',
      '> said',
      '```ts\n**not bold**\n```',
      '||secret|| <@42> <@&21> <#32> \\*plain\\*',
    ].join('\n');
    await open({ messages: [aMessage({ content })] });
    const of = async (selector: string) => (await page.locator(`.message ${selector}`).allInnerTexts()).join('|');
    expect(await of('h3')).toBe('Title');
    expect(await of('strong')).toBe('bold');
    expect(await of('em')).toBe('it');
    expect(await of('u')).toBe('under');
    expect(await of('s')).toBe('gone');
    expect(await of('.text > code')).toBe('a*b*c');
    expect(await of('.subtext')).toBe('small');
    expect(await of('li')).toBe('one|two');
    expect(await of('blockquote')).toBe('said');
    expect(await of('pre')).toBe('**not bold**');
    expect(await of('.mention')).toBe('@requester|@Release approver|#general');
    expect(await of('.text >> nth=0')).toContain('snake_case_name');
    expect(await of('.text >> nth=-1')).toContain('*plain*');
  });

  it('a masked link names its address, and one that pretends to be another link stays text', async () => {
    await open({
      messages: [aMessage({ content: '[the PR](https://a.example/1) [https://good.example](https://evil.example)' })],
    });
    const links = page.locator('.message a');
    expect(await links.first().getAttribute('title')).toBe('https://a.example/1');
    expect(await links.first().textContent()).toBe('the PR');
    expect(await text('.message .markdown')).toContain('[https://good.example](https://evil.example)');
  });

  it('an ephemeral message is seen by its person alone', async () => {
    await open({ messages: [aMessage({ content: 'for one', flags: 64, visible_to: PEOPLE.requester.id })] });
    expect(await text('.message.ephemeral')).toContain('Only you can see this');
    await be('outsider');
    expect(await page.locator('.message').count()).toBe(0);
    await be('requester');
    expect(await page.locator('.message').count()).toBe(1);
  });

  it('a message that names me or my role is highlighted for me alone', async () => {
    await open({ messages: [aMessage({ content: '<@&21> please' })] });
    expect(await page.locator('.pings-me').count()).toBe(0);
    await be('approver');
    expect(await page.locator('.pings-me').count()).toBe(1);
  });

  it('a text that only looks like a ping is not highlighted when the sandbox says who was pinged', async () => {
    await open({ messages: [aMessage({ content: '<@42> hello', mentions: [], mention_roles: [] })] });
    expect(await page.locator('.message').count()).toBe(1);
    expect(await page.locator('.pings-me').count()).toBe(0);
  });

  it('a thread stands under its channel and opens from the message it was made from', async () => {
    const card = aMessage({ content: 'card' });
    const thread = { id: card.id, name: 'the task', type: 11, parent_id: '31' };
    await open({
      channels: [{ id: '31', name: 'jules', type: 0 }, { id: '32', name: 'general', type: 0 }, thread],
      messages: [card, aMessage({ channel_id: card.id, content: 'step 1' })],
    });
    expect(await page.locator('.channel-name').allInnerTexts()).toEqual(['jules', 'the task', 'general']);
    await page.click('.thread-link');
    expect(await text('.message .markdown')).toBe('step 1');
  });

  it('a direct message is listed for those who take part', async () => {
    await open({
      channels: [
        { id: '31', name: 'jules', type: 0 },
        { id: '50', name: 'Verne', type: 1, recipients: ['43'] },
      ],
    });
    expect(await page.locator('#dms li').count()).toBe(0);
    await be('outsider');
    expect(await text('#dms')).toBe('Verne');
  });

  it('a direct message is named after the bot, not after oneself', async () => {
    const dm = { id: '50', name: 'requester', type: 1, recipients: [{ id: '42', name: 'requester' }] };
    await open({ channels: [{ id: '31', name: 'jules', type: 0 }, dm], messages: [aMessage({ channel_id: '50' })] });
    expect(await text('#dms .channel-name')).toBe('Verne');
    await page.click('[data-channel-id="50"]');
    expect(await text('#channel-title .channel-title-name')).toBe('Verne');
    expect(await text('.beginning')).toContain('direct messages with Verne');
  });

  it('three inline fields stand in a row, and a lone one has the whole of its own', async () => {
    const fields = ['a', 'b', 'c', 'alone'].map((name) => ({ name, value: '`x`', inline: true }));
    await open({ messages: [aMessage({ embeds: [{ title: 'Card', fields }] })] });
    const widths = await page
      .locator('.embed-field')
      .evaluateAll((all) => all.map((el) => Math.round(el.getBoundingClientRect().width)));
    const [third = 0, , , whole = 0] = widths;
    expect(new Set(widths.slice(0, 3)).size).toBe(1);
    expect(whole).toBeGreaterThan(3 * third);
  });

  it('a block of code in an embed has one background, not one for each line', async () => {
    await open({ messages: [aMessage({ embeds: [{ description: '```\none\ntwo\n```\n`three`' }] })] });
    const of = (selector: string) =>
      page.evaluate(`getComputedStyle(document.querySelector('${selector}')).backgroundColor`);
    expect(await of('.embed pre code')).toBe('rgba(0, 0, 0, 0)');
    expect(await of('.embed .text > code')).not.toBe('rgba(0, 0, 0, 0)');
  });

  it('the emoji that Verne says are drawn, with or without their selector, and stay text for those who copy', async () => {
    const said = '🧠 🛠 🛠\uFE0F ⛔ 🚫 📝 🔑 📭 📦 ❔ ⚠ ✅';
    await open({ messages: [aMessage({ content: said })] });
    expect(await page.locator('.message .markdown .emoji svg').count()).toBe(12);
    expect(await text('.message .markdown')).toBe(said);
  });

  it('the answer to a command says who used which', async () => {
    const asked = { name: 'jules', user: { id: '42', username: 'requester' } };
    await open({ messages: [aMessage({ content: 'Recorded.', interaction_metadata: asked })] });
    expect(await text('.reference')).toBe('Rrequester used /jules');
  });

  it('a reply shows the message that it refers to', async () => {
    const card = aMessage({ embeds: [{ title: 'The card' }] });
    await open({ messages: [card, aMessage({ content: 'done', reference: card.id })] });
    expect(await text('.reference')).toContain('The card');
  });

  it('a thread says how often it calls for me, and that it is archived or locked', async () => {
    const thread = (id: string, facts: object) => ({ id, name: `thread ${id}`, type: 11, parent_id: '31', ...facts });
    const channels = [
      { id: '31', name: 'jules', type: 0 },
      thread('61', { archived: true }),
      thread('62', { archived: true, locked: true }),
      thread('63', {}),
    ];
    const ping = aMessage({ channel_id: '63', content: '<@42> look' });
    await open({ channels, messages: [ping, aMessage({ channel_id: '61', content: 'quiet' })] });
    const row = (id: string) => page.locator(`[data-channel-id="${id}"]`);
    expect(await row('61').textContent()).toBe('thread 61archivedunread');
    expect(await row('62').textContent()).toBe('thread 62locked');
    expect(await row('63').locator('.badge').textContent()).toBe('1 mentions of you');
    expect(await page.title()).toBe('(1) #jules · Verne sandbox');
    await row('63').click();
    await page.click('[data-channel-id="31"]');
    expect(await page.locator('.badge').count()).toBe(0);
    await page.reload();
    await page.waitForSelector('.who');
    expect(await row('63').getAttribute('class')).not.toContain('unread');
  });

  it('the switch says who was called and has not looked yet', async () => {
    await open({ messages: [aMessage({ channel_id: '32', content: '<@&21> please' })] });
    const badge = page.locator('.who .badge');
    expect(await badge.textContent()).toBe('1 unread mentions');
    await be('approver');
    await page.click('[data-channel-id="32"]');
    await poll(() => badge.count()).toBe(0);
  });

  it('folded threads stay away unless something new is in them, also after a reload', async () => {
    const channels = [
      { id: '31', name: 'jules', type: 0 },
      { id: '61', name: 'old', type: 11, parent_id: '31' },
      { id: '62', name: 'new', type: 11, parent_id: '31' },
    ];
    await open({ channels, messages: [aMessage({ channel_id: '62', content: 'news' })] });
    const names = () => page.locator('#channels .channel-name').allTextContents();
    await page.getByRole('button', { name: 'Threads of jules (2)' }).click();
    expect(await names()).toEqual(['jules', 'new']);
    await page.reload();
    await page.waitForSelector('.who');
    expect(await names()).toEqual(['jules', 'new']);
  });

  it('colours that were chosen win over the system, also after a reload', async () => {
    await open();
    const background = () => page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
    await page.emulateMedia({ colorScheme: 'light' });
    const light = await background();
    await page.click('#theme');
    const dark = await background();
    expect(dark).not.toBe(light);
    await page.reload();
    await page.waitForSelector('.who');
    expect(await background()).toBe(dark);
    await page.click('#theme');
    await page.emulateMedia({ colorScheme: 'dark' });
    expect(await background()).toBe(light);
  });

  it('nothing is wider than a telephone', async () => {
    const long = `${'x'.repeat(300)} https://example.com/${'y'.repeat(300)}`;
    const embed = {
      title: long,
      description: `\`\`\`\n${long}\n\`\`\``,
      fields: [{ name: long, value: long, inline: true }],
    };
    await open({ messages: [aMessage({ content: long, embeds: [embed], components: confirm })] }, { width: 390 });
    const width = () =>
      page.evaluate('Math.max(document.documentElement.scrollWidth, document.querySelector("#scroller").scrollWidth)');
    expect(await width()).toBe(390);
    await page.fill('#composer-input', '/jules ');
    await page.waitForSelector('.option');
    expect(await width()).toBe(390);
  });
});

describe('what is done', () => {
  it('a press is posted with who, which message and which button', async () => {
    const card = aMessage({ components: confirm });
    await open({ messages: [card] });
    await be('approver');
    await page.getByRole('button', { name: 'Confirm' }).click();
    await poll(() => posted('/sandbox/press')).toEqual([
      { as: 'approver', message: card.id, custom_id: 'v1:confirm:7' },
    ]);
  });

  it('a press that nobody answers says so, where only the one who pressed sees it', async () => {
    await open({ messages: [aMessage({ components: confirm })] });
    fixture.answers.set('/sandbox/press', () => ({ status: 504, body: { error: 'The application did not respond' } }));
    await page.getByRole('button', { name: 'Confirm' }).click();
    await page.waitForSelector('.failure');
    expect(await text('.failure')).toContain('The application did not respond');
    await be('outsider');
    expect(await page.locator('.failure').count()).toBe(0);
  });

  it('several values of a select are posted when it closes', async () => {
    const roles = row({
      type: 6,
      custom_id: 'roles',
      min_values: 0,
      max_values: 3,
      default_values: [{ id: '22', type: 'role' }],
    });
    const card = aMessage({ components: roles });
    await open({ messages: [card] });
    await page.click('.select-toggle');
    await page.getByRole('option', { name: '@Release approver' }).click();
    expect(posted('/sandbox/press')).toEqual([]);
    await page.keyboard.press('Escape');
    await poll(() => posted('/sandbox/press')).toEqual([
      { as: 'requester', message: card.id, custom_id: 'roles', values: ['22', '21'] },
    ]);
  });

  it('a modal opens, keeps what was typed when the bot is silent, and closes when it answers', async () => {
    const card = aMessage({ components: confirm });
    await open({ messages: [card] });
    const input = { type: 4, custom_id: 'reason', style: 2, required: true, min_length: 3 };
    const modal = {
      custom_id: 'v1:reject:7',
      title: 'Reject',
      components: [{ type: 18, label: 'Reason', component: input }],
    };
    fixture.answers.set('/sandbox/press', () => ({ body: { modal } }));
    fixture.answers.set('/sandbox/modal', () => ({ status: 504, body: { error: 'The application did not respond' } }));
    await page.getByRole('button', { name: 'Confirm' }).click();
    await page.getByLabel('Reason').fill('not now');
    await page.getByRole('button', { name: 'Submit' }).click();
    await poll(() => text('#modal-error')).toContain('did not respond');
    expect(await page.getByLabel('Reason').inputValue()).toBe('not now');
    fixture.answers.delete('/sandbox/modal');
    await page.getByRole('button', { name: 'Submit' }).click();
    await page.waitForSelector('dialog', { state: 'hidden' });
    const body = { as: 'requester', custom_id: 'v1:reject:7', fields: { reason: 'not now' }, message: card.id };
    expect(posted('/sandbox/modal')).toEqual([body, body]);
  });

  it('a modal that was dismissed comes back neither by itself nor for somebody else, only by another press', async () => {
    const card = aMessage({ components: confirm });
    const input = { type: 4, custom_id: 'reason', style: 2 };
    const modal = {
      custom_id: 'v1:reject:7',
      title: 'Reject',
      components: [{ type: 18, label: 'R', component: input }],
    };
    const waiting = Object.keys(PEOPLE).map((as) => ({ as, ...modal }));
    await open({ messages: [card], modals: waiting });
    fixture.answers.set('/sandbox/press', () => ({ body: { modal } }));
    const dialog = () => page.locator('dialog[open]').count();
    const press = async () => {
      await page.getByRole('button', { name: 'Confirm' }).click();
      await page.waitForSelector('dialog[open]');
    };
    await press();
    await page.keyboard.press('Escape');
    expect(await dialog()).toBe(0);
    await be('outsider');
    fixture.set({ messages: [card, aMessage({ content: 'news' })] });
    await page.getByText('news').waitFor();
    expect(await dialog()).toBe(0);
    await page.reload();
    await page.getByText('news').waitFor();
    expect(await dialog()).toBe(0);
    await press();
    expect(await dialog()).toBe(1);
  });

  it('a command is found, filled with autocomplete, and sent with Enter', async () => {
    await open();
    fixture.answers.set('/sandbox/autocomplete', () => ({
      body: { choices: [{ name: 'acme/web (main)', value: 'acme/web' }] },
    }));
    await page.locator('#composer-input').pressSequentially('/ju');
    expect(await page.locator('.suggestion-name').allInnerTexts()).toEqual(['/jules']);
    await page.keyboard.press('Enter');
    await page.keyboard.type('Fix the *login* <b>');
    await page.getByRole('button', { name: '+ repo' }).click();
    await page.keyboard.type('ac');
    await page.getByRole('option', { name: 'acme/web (main)' }).click();
    await page.keyboard.press('Enter');
    await poll(() => posted('/sandbox/command')).toEqual([
      { as: 'requester', name: 'jules', options: { prompt: 'Fix the *login* <b>', repo: 'acme/web' }, channel: '31' },
    ]);
    expect(posted('/sandbox/autocomplete').at(-1)).toEqual({
      as: 'requester',
      name: 'jules',
      options: { prompt: 'Fix the *login* <b>', repo: 'ac' },
      focused: 'repo',
      channel: '31',
    });
    await page.waitForSelector('#composer-input:focus');
  });

  it('a subcommand is one name, and a missing required option is pointed at rather than sent', async () => {
    await open();
    await page.locator('#composer-input').pressSequentially('/config repo ');
    await page.keyboard.press('Enter');
    expect(await page.locator('.option.wrong label').textContent()).toBe('repo');
    await page.keyboard.type('acme/web');
    await page.keyboard.press('Enter');
    await poll(() => posted('/sandbox/command')).toMatchObject([
      { name: 'config repo', options: { repo: 'acme/web' } },
    ]);
  });

  it('a scenario and a fault are ordered in the words of the drivers, and what came of it is told', async () => {
    await open();
    await page.getByText('Next Jules session').click();
    await page.getByRole('button', { name: 'Question' }).click();
    await poll(() => text('#scenario-status')).toMatch(/^The next session: Question\. Asks a question and waits/);
    fixture.answers.set('/sandbox/faults', () => ({ status: 400, body: { error: 'Not here.' } }));
    await page.getByText('Channels and threads').click();
    await page.getByRole('button', { name: 'Take permissions away' }).click();
    await poll(() => text('#scenario-status')).toBe('Not done: Not here.');
    expect(fixture.posts).toEqual([
      { path: '/sandbox/jules', body: { scenario: 'question' } },
      { path: '/sandbox/faults', body: { channel: '31', do: 'forbid' } },
    ]);
  });

  it('what the next session will do is marked, until a session took it', async () => {
    await open();
    const marked = () => page.locator('#scenarios [aria-pressed="true"]').allTextContents();
    await page.getByText('Next Jules session').click();
    expect(await marked()).toEqual(['Pull request']);
    await page.getByRole('button', { name: 'Failure' }).click();
    await poll(marked).toEqual(['Failure']);
    await page.getByRole('button', { name: 'Slow' }).click();
    await poll(() => text('#scenario-status')).toBe('The session after that: Slow. Does slow.');
    expect(await marked()).toEqual(['Failure']);
    fixture.set({ sessions: [{ id: '1', state: 'PLANNING' }] });
    await poll(marked).toEqual(['Slow']);
    fixture.set({
      sessions: [
        { id: '1', state: 'FAILED' },
        { id: '2', state: 'PLANNING' },
      ],
    });
    await poll(marked).toEqual(['Pull request']);
  });

  it('plain text is said in the open channel', async () => {
    await open();
    await page.click('[data-channel-id="32"]');
    await page.fill('#composer-input', 'hello');
    await page.keyboard.press('Enter');
    await poll(() => posted('/sandbox/say')).toEqual([{ as: 'requester', channel: '32', content: 'hello' }]);
  });
});

describe('what stays', () => {
  it('a half-filled option keeps its text and its focus when news arrives', async () => {
    await open();
    await page.fill('#composer-input', '/jules ');
    await page.locator('[data-option="prompt"]').pressSequentially('half a sent');
    fixture.set({ messages: [aMessage({ content: 'news' })] });
    await page.waitForSelector('.message');
    await page.keyboard.type('ence');
    expect(await page.locator('[data-option="prompt"]').inputValue()).toBe('half a sentence');
  });

  it('an open menu stays open when another message changes', async () => {
    const other = aMessage({ content: 'working' });
    const menu = aMessage({ components: row({ type: 6, custom_id: 'roles', min_values: 0, max_values: 3 }) });
    await open({ messages: [other, menu] });
    await page.click('.select-toggle');
    await page.getByRole('option', { name: '@Developer' }).click();
    fixture.set({ messages: [{ ...other, content: 'still working' }, menu] });
    await page.getByText('still working').waitFor();
    expect(await page.getByRole('option', { name: '@Developer', selected: true }).isVisible()).toBe(true);
    expect(posted('/sandbox/press')).toEqual([]);
  });

  it('a focused button keeps its focus when its message is edited', async () => {
    const card = aMessage({ content: 'one', components: confirm });
    await open({ messages: [card] });
    await page.getByRole('button', { name: 'Confirm' }).focus();
    fixture.set({ messages: [{ ...card, content: 'two' }] });
    await page.locator('.message').getByText('two').waitFor();
    expect(await page.locator(':focus').textContent()).toBe('Confirm');
  });

  it('the newest message stays in view, unless the person scrolled up to read', async () => {
    const many = Array.from({ length: 60 }, (_, at) =>
      aMessage({ id: snowflake(Date.now() - 1000), content: `line ${at}` }),
    );
    await open({ messages: many });
    const fromBottom = () =>
      page.locator('#scroller').evaluate((el) => Math.round(el.scrollHeight - el.scrollTop - el.clientHeight));
    await poll(fromBottom).toBeLessThan(2);
    const say = (content: string) => fixture.set({ messages: [...fixture.state.messages, aMessage({ content })] });
    say('first news');
    await page.getByText('first news').waitFor();
    await poll(fromBottom).toBeLessThan(2);
    await page.locator('#scroller').hover();
    await page.mouse.wheel(0, -600);
    await poll(fromBottom).toBeGreaterThan(300);
    const before = await fromBottom();
    say('second news');
    await page.getByText('second news').waitFor({ state: 'attached' });
    expect(await fromBottom()).toBeGreaterThan(before);
  });

  it('the page says that the sandbox is gone and finds it again by itself', async () => {
    await open();
    await poll(fixture.listening).toBe(1);
    fixture.pause();
    await poll(fixture.listening).toBe(0);
    await page.waitForSelector('#gone:not([hidden])');
    await fixture.resume();
    await poll(fixture.listening).toBe(1);
    fixture.set({ messages: [aMessage({ content: 'back' })] });
    await page.locator('.message').getByText('back').waitFor();
    expect(await page.locator('#gone').isVisible()).toBe(false);
  });

  it('the first steps tick off as they happen and go away for good when dismissed', async () => {
    await open();
    const done = () => page.locator('.step.done .step-title').allTextContents();
    expect(await done()).toEqual([]);
    fixture.set({ messages: [aMessage({ components: confirm })] });
    await poll(done).toEqual(['Ask (done)']);
    fixture.set({ sessions: [{ id: '1', title: 'x', state: 'IN_PROGRESS' }] });
    await poll(done).toEqual(['Ask (done)', 'Confirm (done)']);
    fixture.set({ messages: [aMessage({ content: 'PR ready: https://github.com/a/b/pull/1' })] });
    await poll(done).toHaveLength(3);
    await page.getByRole('button', { name: 'Dismiss the hint' }).click();
    await page.reload();
    await page.waitForSelector('.message');
    expect(await page.locator('#welcome').isVisible()).toBe(false);
  });

  it('a refused request stands out in the inspector, newest first', async () => {
    const errors = ['body.embeds.0.title: too long'];
    await open({
      requests: [
        { method: 'GET', path: '/api/v10/gateway/bot', status: 200 },
        { method: 'POST', path: '/api/v10/channels/31/messages', status: 400, verdict: { ok: false, errors } },
      ],
    });
    expect(await page.locator('.request .path').allInnerTexts()).toEqual(['/channels/31/messages', '/gateway/bot']);
    expect(await text('.request.wrong')).toContain(errors[0]);
  });

  it('a request opens to its body, and stays open when news arrives', async () => {
    const sent = {
      id: 1,
      method: 'POST',
      path: '/api/v10/channels/31/messages',
      status: 200,
      body: { content: '<b>x' },
    };
    await open({ requests: [{ ...sent, verdict: { ok: false, errors: ['body.allowedMentions: a stranger'] } }] });
    await page.getByRole('tab', { name: 'Requests' }).click();
    await page.click('.request summary');
    await page.waitForSelector('.request-body pre');
    expect(await text('.request-body pre')).toBe('{\n  "content": "<b>x"\n}');
    expect(await text('.request.wrong')).toContain('allowedMentions');
    fixture.set({ messages: [aMessage({ content: 'news' })] });
    await page.getByText('news').waitFor();
    expect(await page.locator('.request-body pre').isVisible()).toBe(true);
  });

  it('what the judge refused stands in the header, and opens to the reasons alone', async () => {
    const path = '/api/v10/channels/31/messages';
    const refused = {
      id: 2,
      method: 'POST',
      path,
      status: 400,
      verdict: { ok: false, errors: ['body.x: a stranger'] },
    };
    await open({
      requests: [
        { id: 1, method: 'GET', path: '/api/v10/gateway/bot', status: 200, tookMs: 1500 },
        refused,
        { id: 3, method: 'POST', path, status: 429, tookMs: 3 },
      ],
      refused: { count: 7, first: [refused] },
      interactions: [{ id: snowflake(Date.now()), type: 3, as: 'approver', about: 'v1:confirm:7', state: 'failed' }],
    });
    await page.getByRole('button', { name: '7 refused, 1 unanswered' }).click();
    const lines = () => page.locator('.request .request-line').allTextContents();
    const choose = (name: string) => page.locator('#request-filter').getByLabel(name).check({ force: true });
    expect(await lines()).toEqual(['POST/channels/31/messages400body.x: a stranger']);
    await choose('Failed');
    expect(await lines()).toEqual(['POST/channels/31/messages3 ms429too many requests; the bot is told to wait']);
    await choose('Slow');
    expect(await lines()).toEqual(['GET/gateway/bot1500 ms200']);
    await choose('Interactions');
    expect(await lines()).toEqual(['PRESSapprover: v1:confirm:7did not respond']);
    await choose('All');
    expect(await lines()).toHaveLength(4);
  });

  it('a request is copied as JSON', async () => {
    const sent = { id: 1, method: 'POST', path: '/api/v10/channels/31/messages', status: 200, body: { content: 'x' } };
    await open({ requests: [sent] });
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.getByRole('tab', { name: 'Requests' }).click();
    await page.click('.request summary');
    await page.getByRole('button', { name: 'Copy as JSON' }).click();
    await page.getByText('Copied').waitFor();
    expect(JSON.parse(await page.evaluate<string>('navigator.clipboard.readText()'))).toEqual(sent);
  });

  it('what is armed is listed in words, counted in the header, and cleared with one button', async () => {
    await open({ faults: [{ fault: 'rest', says: 'POST /messages: cut after the work', left: 2 }] });
    await page.getByRole('button', { name: '1 armed' }).click();
    expect(await text('#armed')).toBe('POST /messages: cut after the work (2 left)');
    await page.getByRole('button', { name: 'Clear all' }).click();
    await poll(() => posted('/sandbox/faults')).toEqual([{ clear: true }]);
    fixture.set({ faults: [] });
    await page.getByText('Nothing: everything works.').waitFor();
    expect(await page.locator('#armed-badge').isVisible()).toBe(false);
  });

  it('a channel is deleted only by who says so twice', async () => {
    await open();
    await page.getByText('Channels and threads').click();
    const ask = () => page.getByRole('button', { name: 'Delete this channel' }).click();
    await ask();
    expect(await text('.order-question p')).toContain('#jules is deleted with its messages and threads');
    // The answer that does nothing has the focus.
    await page.keyboard.press('Enter');
    expect(posted('/sandbox/faults')).toEqual([]);
    await ask();
    await page.locator('.order-question').getByRole('button', { name: 'Delete this channel' }).click();
    await poll(() => posted('/sandbox/faults')).toEqual([{ channel: '31', do: 'delete' }]);
  });

  it('the first minute begins again when the request was rejected, and comes back when it was dismissed', async () => {
    const card = aMessage({ components: confirm });
    await open({ messages: [card] });
    const current = () => page.locator('.step.current .step-title').allTextContents();
    expect(await current()).toEqual(['Confirm']);
    expect(await text('#welcome-status')).toBe('Step 2 of 3: Confirm');
    await page.getByRole('button', { name: 'Press it for me' }).focus();
    await page.keyboard.press('Enter');
    await poll(() => posted('/sandbox/press')).toEqual([
      { as: 'approver', message: card.id, custom_id: 'v1:confirm:7' },
    ]);
    fixture.set({ messages: [{ ...card, components: [] }] });
    await poll(current).toEqual(['Ask']);
    expect(await page.locator(':focus').textContent()).toBe('Ask for me');
    await page.keyboard.press('Enter');
    await poll(() => posted('/sandbox/command')).toMatchObject([{ as: 'requester', name: 'jules', channel: '31' }]);
    fixture.set({ sessions: [{ id: '1', state: 'FAILED', createdAt: new Date().toISOString() }] });
    await poll(() => text('.step.current')).toContain('This session failed');
    await page.getByRole('button', { name: 'Dismiss the hint' }).click();
    await page.getByRole('button', { name: 'First minute' }).click();
    await page.getByRole('button', { name: 'Ask again' }).click();
    expect(await current()).toEqual(['Ask']);
  });

  it('keys go between channels and people, and are listed by a question mark outside of fields alone', async () => {
    await open({ messages: [aMessage({ channel_id: '32', content: 'news' })] });
    const help = () => page.locator('#help').isVisible();
    await page.focus('#composer-input');
    await page.keyboard.press('?');
    expect([await help(), await page.inputValue('#composer-input')]).toEqual([false, '?']);
    await page.keyboard.press('Alt+Shift+ArrowDown');
    expect(await text('h1')).toBe('general');
    await page.keyboard.press('Alt+ArrowUp');
    expect(await text('h1')).toBe('jules');
    await page.keyboard.press('Alt+3');
    expect(await page.getByRole('radio', { name: 'outsider' }).isChecked()).toBe(true);
    await page.keyboard.press('Alt+p');
    expect(await page.locator('#panel').isVisible()).toBe(false);
    await page.locator('h1').click();
    await page.evaluate('document.activeElement.blur()');
    await page.keyboard.press('?');
    expect(await help()).toBe(true);
  });
});
