import { byId, h, icon } from './dom.js';

/** @typedef {{ name: string, base64?: string, size?: number, content_type?: string }} Upload */

const MOST = 10;
/** What is larger is sent by name and size alone: the simulated Discord has no room, and the bot asks for none of it. */
const MOST_BYTES = 500_000;

/** What goes with the next message. @type {File[]} */
let chosen = [];

function draw() {
  const list = byId('composer-files', HTMLUListElement);
  list.hidden = chosen.length === 0;
  list.replaceChildren(
    ...chosen.map((file, at) =>
      h(
        'li',
        { class: 'composer-file' },
        icon('file'),
        h('span', { class: 'composer-file-name' }, file.name),
        h(
          'button',
          {
            type: 'button',
            class: 'text-button',
            'aria-label': `Do not send ${file.name}`,
            onclick: () => {
              chosen = chosen.filter((_, nth) => nth !== at);
              draw();
            },
          },
          'Remove',
        ),
      ),
    ),
  );
}

/** @param {File} file @returns {Promise<Upload>} */
async function uploadOf(file) {
  const { name, size, type } = file;
  const about = { name, ...(type ? { content_type: type } : {}) };
  if (size > MOST_BYTES) return { ...about, size };
  const bytes = new Uint8Array(await file.arrayBuffer());
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return { ...about, base64: btoa(binary) };
}

/** Takes them out of the composer. @returns {Promise<Upload[]>} */
export async function takeUploads() {
  const files = chosen;
  chosen = [];
  draw();
  return Promise.all(files.map(uploadOf));
}

export const hasUploads = () => chosen.length > 0;

export function startUploads() {
  const picker = byId('composer-picker', HTMLInputElement);
  byId('composer-attach', HTMLButtonElement).addEventListener('click', () => picker.click());
  picker.addEventListener('change', () => {
    chosen = [...chosen, ...(picker.files ?? [])].slice(0, MOST);
    picker.value = '';
    draw();
    byId('composer-input', HTMLTextAreaElement).focus();
  });
}
