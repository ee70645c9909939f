/**
 * `npm run cards`: writes docs/cards.md and takes its pictures. Each card is posted to the simulated Discord through its
 * REST API, as the bot would, so one that Discord would refuse ends the run; then the sandbox page shows it.
 */
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import type { MessageBody } from '#discord/cards/body.ts';
import { createInteract } from '#sandbox/discord/interact.ts';
import { defaultWorld } from '#sandbox/discord/seed.ts';
import { createDiscord } from '#sandbox/discord/server.ts';
import { registerDrivers } from '#sandbox/drivers.ts';
import { registerPage } from '#sandbox/static.ts';
import { closeBrowser, openBrowser } from '../test/support/browser.ts';
import { GALLERY_NOW } from '../test/support/card-gallery.ts';
import { cardsPage, PICTURES } from './cards-page.ts';
import { smallPng } from './small-png.ts';

const IMAGES = fileURLToPath(new URL('../docs/images/cards/', import.meta.url));
const DOCUMENT = fileURLToPath(new URL('../docs/cards.md', import.meta.url));
/** The avatar and an embed of its greatest width. */
const VIEWPORT = { width: 640, height: 1400 };

async function startDiscord() {
  const discord = createDiscord({
    world: defaultWorld({ now: () => GALLERY_NOW.getTime() }),
    latencyMs: 0,
    limits: { isOn: false },
  });
  registerDrivers(discord.app, { discord, interact: createInteract(discord.world) });
  registerPage(discord.app);
  return { ...discord, ...(await discord.listen(0)) };
}

type Running = Awaited<ReturnType<typeof startDiscord>>;

/** As Discord takes a message with files. */
function formOf({ files = [], ...body }: MessageBody): FormData {
  const form = new FormData();
  const attachments = files.map(({ name }, id) => ({ id, filename: name }));
  form.set('payload_json', JSON.stringify({ ...body, ...(files.length > 0 && { attachments }) }));
  for (const [id, { name, text }] of files.entries()) form.set(`files[${id}]`, new Blob([text]), name);
  return form;
}

async function ask({ apiBase, token }: Running, path: string, init: { method: string; body?: MessageBody }) {
  const { method, body } = init;
  const response = await fetch(`${apiBase}/v10${path}`, {
    method,
    headers: { authorization: `Bot ${token}` },
    ...(body && { body: formOf(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
  return text;
}

async function openPage({ origin }: Running): Promise<Page> {
  const browser = await openBrowser();
  const context = await browser.newContext({
    viewport: VIEWPORT,
    colorScheme: 'dark',
    locale: 'en-US',
    timezoneId: 'UTC',
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  await page.clock.setFixedTime(GALLERY_NOW);
  await page.goto(origin);
  await page
    .locator('#welcome-dismiss')
    .click({ timeout: 2000 })
    .catch(() => undefined);
  return page;
}

/** One message at a time: a second one of the same author would be shown without its name. */
async function picture(discord: Running, page: Page, { name, body }: { name: string; body: MessageBody }) {
  const [channel] = discord.world.channels.keys();
  const path = `/channels/${channel}/messages`;
  const { id } = JSON.parse(await ask(discord, path, { method: 'POST', body })) as { id: string };
  const message = page.locator(`[data-message-id="${id}"]`);
  await message.waitFor();
  await page.mouse.move(0, 0);
  const shot = await message.screenshot({ animations: 'disabled' });
  await writeFile(`${IMAGES}${name}.png`, smallPng(shot));
  await ask(discord, `${path}/${id}`, { method: 'DELETE' });
  await message.waitFor({ state: 'detached' });
}

async function takeAll() {
  const discord = await startDiscord();
  try {
    const page = await openPage(discord);
    for (const one of PICTURES) await picture(discord, page, one);
  } finally {
    await closeBrowser();
    await discord.close();
  }
}

await mkdir(IMAGES, { recursive: true });
await takeAll();
const names = new Set(PICTURES.map(({ name }) => `${name}.png`));
for (const file of await readdir(IMAGES)) if (!names.has(file)) await rm(`${IMAGES}${file}`);
await writeFile(DOCUMENT, cardsPage());
console.log(`docs/cards.md and ${names.size} pictures written`);
