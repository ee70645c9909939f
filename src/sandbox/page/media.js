import { h, icon } from './dom.js';
import { spoiler } from './spoiler.js';

/** @import { Attachment, Message } from './types.d.ts' */

/** Only web addresses become links or pictures. @param {string | undefined} url */
export const isWeb = (url) => url !== undefined && /^https?:\/\//.test(url);

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

/**
 * The way to a file that the sandbox itself serves, whatever name of this machine stands in its address. The page loads nothing
 * from anywhere else.
 * @param {string | undefined} url
 */
export function ownPath(url) {
  const at = url === undefined ? null : URL.parse(url);
  const isHere =
    at && LOOPBACK.has(at.hostname) && at.port === location.port && at.pathname.startsWith('/attachments/');
  return isHere ? at.pathname : undefined;
}

/** `attachment://name` means a file of the same message. @param {string | undefined} url @param {Message} message */
export function attachmentAt(url, message) {
  const name = /^attachment:\/\/(.+)$/.exec(url ?? '')?.[1];
  return message.attachments.find((one) => one.filename === name || (url !== undefined && one.url === url));
}

/** @param {Attachment} attachment */
export const isSpoiler = ({ filename }) => filename.startsWith('SPOILER_');

/** @param {Attachment} attachment */
export const isPicture = ({ content_type: type = '', filename }) =>
  /^image\/(png|jpeg|gif|webp)$/.test(type) || (type === '' && /\.(png|jpe?g|gif|webp)$/i.test(filename));

/**
 * A picture that the sandbox serves is shown; of any other its address is.
 * @param {{ url?: string | undefined, alt?: string | undefined, hidden?: boolean | undefined, kind?: string }} what @param {Message} message
 */
export function picture({ url, alt, hidden, kind = '' }, message) {
  const attachment = attachmentAt(url, message);
  const path = ownPath(attachment?.url ?? url);
  const said = alt ?? attachment?.description ?? attachment?.filename;
  const el = path ? shown(path, said, kind) : h('div', { class: `media ${kind}` }, elsewhere(url, said));
  return hidden || (attachment && isSpoiler(attachment)) ? spoiler([el], 'div') : el;
}

/** @param {string} path @param {string | undefined} alt @param {string} kind */
function shown(path, alt, kind) {
  const img = h('img', { src: path, alt: alt ?? '', title: alt, loading: 'lazy' });
  const name = alt ? `Open the picture: ${alt}` : 'Open the picture';
  return h(
    'a',
    { class: `picture ${kind}`, href: path, target: '_blank', rel: 'noreferrer noopener', 'aria-label': name },
    img,
  );
}

/** @param {string | undefined} url @param {string | undefined} alt */
function elsewhere(url, alt) {
  const props = { href: url, target: '_blank', rel: 'noreferrer noopener', title: url };
  return [
    icon('image'),
    h(
      'span',
      { class: 'media-text' },
      alt && h('span', {}, alt),
      h('span', { class: 'media-address' }, isWeb(url) ? h('a', props, url) : (url ?? 'no address')),
      h('span', { class: 'media-note' }, 'not loaded here'),
    ),
  ];
}
