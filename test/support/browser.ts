import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import sparticuz from '@sparticuz/chromium';
import { type Browser, chromium } from 'playwright-core';

/** What the package asks for by default suits a sealed function host: one process, no same-origin rule. A page is tested under the rules that people's browsers have. */
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

let running: Promise<Browser> | undefined;

/** The package brings a font of its own; a bare machine has none, and text without one has no width. */
async function fontList(folder: string): Promise<string> {
  const file = join(folder, 'fonts', 'with-system.conf');
  const dirs = [join(folder, 'fonts', 'fonts'), '/usr/share/fonts', '/usr/local/share/fonts'];
  const lines = [...dirs.map((dir) => `<dir>${dir}</dir>`), `<cachedir>${join(folder, 'fonts', 'cache')}</cachedir>`];
  await writeFile(file, `<?xml version="1.0"?>\n<fontconfig>\n${lines.join('\n')}\n</fontconfig>\n`);
  return file;
}

async function launch(): Promise<Browser> {
  const executablePath = await sparticuz.executablePath();
  return chromium.launch({
    executablePath,
    args: ARGS,
    headless: true,
    env: { ...process.env, FONTCONFIG_FILE: await fontList(dirname(executablePath)) } as Record<string, string>,
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
