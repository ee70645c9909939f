import { h, icon } from './dom.js';
import { diffLines } from './markdown.js';
import { isPicture, isSpoiler, ownPath, picture } from './media.js';
import { spoiler } from './spoiler.js';

/** @import { Attachment, Child, Message } from './types.d.ts' */

const DIFF = /\.(diff|patch)$/i;
const TEXT = /\.(txt|md|log|json|ya?ml|toml|csv|[cm]?[jt]sx?|css|html?|sql|sh|py|go|rs|java|rb|diff|patch)$/i;
const LINES_AT_FIRST = 6;
const MAX_PREVIEW_BYTES = 200_000;

/** An attachment never changes, so its text is fetched once. @type {Map<string, Promise<string>>} */
const texts = new Map();

/** @param {number} bytes */
function sizeOf(bytes) {
  if (bytes < 1024) return `${bytes} bytes`;
  return bytes < 1024 ** 2 ? `${(bytes / 1024).toFixed(2)} KB` : `${(bytes / 1024 ** 2).toFixed(2)} MB`;
}

/** @param {Attachment} attachment @param {Message} message @returns {HTMLElement} */
export function drawAttachment(attachment, message) {
  if (isPicture(attachment) && ownPath(attachment.url)) return picture({ url: attachment.url }, message);
  const card = fileCard(attachment);
  return isSpoiler(attachment) ? spoiler([card], 'div') : card;
}

/** @param {Attachment} attachment */
export function fileCard({ filename, size, url, description, content_type: type = '' }) {
  const path = ownPath(url);
  const isText = TEXT.test(filename) || type.startsWith('text/');
  const hasPreview = path !== undefined && isText && (size ?? 0) <= MAX_PREVIEW_BYTES;
  const about = [size === undefined ? undefined : sizeOf(size), description].filter(Boolean).join(' · ');
  return h(
    'div',
    { class: hasPreview ? 'attachment previewed' : 'attachment' },
    hasPreview ? preview(path, filename) : null,
    h(
      'div',
      { class: 'attachment-foot' },
      icon('file'),
      h(
        'div',
        { class: 'attachment-text' },
        h('div', { class: 'attachment-name' }, path ? h('a', { href: path, download: filename }, filename) : filename),
        about && h('div', { class: 'attachment-size' }, about),
      ),
      path &&
        h(
          'a',
          { class: 'icon-button', href: path, download: filename, 'aria-label': `Download ${filename}` },
          icon('download'),
        ),
    ),
  );
}

/** @param {string} path */
function textAt(path) {
  const known = texts.get(path);
  if (known) return known;
  const asked = fetch(path).then((response) => {
    if (!response.ok) throw new Error(`the sandbox answered ${response.status}`);
    return response.text();
  });
  texts.set(path, asked);
  return asked;
}

/** The first lines of a text; the rest at the press of a button. @param {string} path @param {string} filename */
function preview(path, filename) {
  const code = h('code', {});
  const more = h('button', {
    type: 'button',
    class: 'text-button expand',
    'aria-expanded': 'false',
    'data-focus': `expand ${path}`,
    hidden: true,
  });
  const box = h('pre', { tabindex: 0, 'aria-label': `Beginning of ${filename}` }, code);
  /** @param {string[]} lines @param {boolean} open */
  const show = (lines, open) => {
    const text = (open ? lines : lines.slice(0, LINES_AT_FIRST)).join('\n');
    code.replaceChildren(...nodesOf(DIFF.test(filename) ? diffLines(text) : [text]));
    more.hidden = lines.length <= LINES_AT_FIRST;
    more.setAttribute('aria-expanded', String(open));
    more.textContent = open ? 'Collapse' : `Expand (${lines.length} lines)`;
  };
  textAt(path).then(
    (text) => {
      const lines = text.replace(/\n$/, '').split('\n');
      let open = false;
      show(lines, open);
      more.addEventListener('click', () => {
        open = !open;
        show(lines, open);
      });
    },
    () => {
      texts.delete(path);
      code.textContent = 'The file could not be read.';
    },
  );
  return h('div', { class: 'preview markdown' }, box, more);
}

/** @param {Child[]} children @returns {(Node | string)[]} */
const nodesOf = (children) => children.map((one) => (one instanceof Node ? one : String(one ?? '')));
