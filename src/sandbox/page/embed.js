import { h } from './dom.js';
import { markdown } from './markdown.js';
import { inline, link } from './markdown-inline.js';
import { dayAndClock } from './time.js';

/** @import { Attachment, Child, EmbedPart } from './types.d.ts' */

/** @param {number | null | undefined} color */
export function cssColor(color) {
  return color === null || color === undefined ? '' : `#${color.toString(16).padStart(6, '0')}`;
}

/** Only web addresses become links or pictures. @param {string | undefined} url */
export const isWeb = (url) => url !== undefined && /^https?:\/\//.test(url);

/** @param {EmbedPart} embed */
export function drawEmbed(embed) {
  const el = h(
    'article',
    { class: 'embed' },
    embed.author && h('div', { class: 'embed-author' }, maybeLink(embed.author.url, embed.author.name)),
    embed.title && h('div', { class: 'embed-title' }, maybeLink(embed.url, inline(embed.title))),
    embed.description && markdown(embed.description),
    embed.fields?.length ? h('div', { class: 'embed-fields' }, embed.fields.map(drawField)) : null,
    footer(embed),
  );
  el.style.borderLeftColor = cssColor(embed.color);
  return el;
}

/** @param {{ name: string, value: string, inline?: boolean }} field */
function drawField(field) {
  return h(
    'div',
    { class: field.inline ? 'embed-field inline' : 'embed-field' },
    h('div', { class: 'embed-field-name' }, inline(field.name)),
    markdown(field.value),
  );
}

/** @param {EmbedPart} embed */
function footer(embed) {
  const parts = [embed.footer?.text, embed.timestamp && dayAndClock(Date.parse(embed.timestamp))].filter(Boolean);
  return parts.length ? h('footer', { class: 'embed-footer' }, parts.join(' • ')) : null;
}

/** @param {string | undefined} url @param {Child | Child[]} label */
function maybeLink(url, label) {
  return url && isWeb(url) ? link(url, label) : h('span', {}, ...[label].flat());
}

/** @param {Attachment} attachment */
export function drawAttachment(attachment) {
  const { filename, size, url } = attachment;
  const name = url ? h('a', { href: url, target: '_blank', rel: 'noreferrer noopener' }, filename) : filename;
  return h(
    'div',
    { class: 'attachment' },
    h('div', { class: 'attachment-name' }, name),
    size === undefined ? null : h('div', { class: 'attachment-size' }, `${Math.ceil(size / 1024)} KB`),
  );
}
