import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sparticuz from '@sparticuz/chromium';
import { type Browser, chromium } from 'playwright-core';

/**
 * What the package asks for by default suits a sealed function host: one process, no same-origin rule. A page is tested
 * under the rules that people's browsers have.
 */
const ARGS = [
  '--no-sandbox',
  '--no-zygote',
  '--disable-dev-shm-usage',
  '--disable-gpu',
  '--font-render-hinting=none',
  '--mute-audio',
  '--hide-scrollbars',
  '--no-first-run',
];

const MODULES = fileURLToPath(new URL('../../node_modules/', import.meta.url));

/**
 * The folder with the unpacked browser. The package unpacks straight to its last place and takes a half-written file for a
 * whole one, so two test files at once, or one killed midway, would break it: here it unpacks aside, then is renamed.
 */
async function unpack(): Promise<string> {
  const about = JSON.parse(await readFile(join(MODULES, '@sparticuz/chromium/package.json'), 'utf8')) as {
    version: string;
  };
  const cache = join(MODULES, '.cache');
  const folder = join(cache, `chromium-${about.version}`);
  if (existsSync(folder)) return folder;
  await mkdir(cache, { recursive: true });
  const aside = await mkdtemp(`${folder}-`);
  const before = process.env['TMPDIR'];
  process.env['TMPDIR'] = aside;
  try {
    await sparticuz.executablePath();
    await writeFontList(aside, folder);
  } finally {
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
  }
  await rename(aside, folder).catch(async (cause: unknown) => {
    await rm(aside, { recursive: true, force: true });
    if (!existsSync(folder)) throw cause;
  });
  return folder;
}

/** The package brings a font of its own; a bare machine has none, and text without one has no width. */
async function writeFontList(aside: string, folder: string): Promise<void> {
  const dirs = [join(folder, 'fonts'), '/usr/share/fonts', '/usr/local/share/fonts'].map((dir) => `<dir>${dir}</dir>`);
  const lines = ['<?xml version="1.0"?>', '<fontconfig>', ...dirs, `<cachedir>${folder}/font-cache</cachedir>`];
  await writeFile(join(aside, 'fonts.conf'), `${lines.join('\n')}\n</fontconfig>\n`);
}

let running: Promise<Browser> | undefined;

async function launch(): Promise<Browser> {
  const folder = await unpack();
  return chromium.launch({
    executablePath: join(folder, 'chromium'),
    args: ARGS,
    headless: true,
    env: { ...process.env, FONTCONFIG_FILE: join(folder, 'fonts.conf') } as Record<string, string>,
  });
}

/** The one headless Chromium of a test file, started at the first call. */
export function openBrowser(): Promise<Browser> {
  running ??= launch();
  return running;
}

export async function closeBrowser(): Promise<void> {
  const browser = running;
  running = undefined;
  await (await browser)?.close();
}
