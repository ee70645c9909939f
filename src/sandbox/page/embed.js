import { cssColor } from './color.js';
import { h } from './dom.js';
import { inline, link, markdown } from './markdown.js';
import { isWeb, picture } from './media.js';
import { dayAndClock } from './time.js';

/** @import { Child, EmbedPart, Message } from './types.d.ts' */

/** @param {EmbedPart} embed @param {Message} message */
export function drawEmbed(embed, message) {
  const { author, thumbnail, image } = embed;
  const el = h(
    'article',
    { class: 'embed' },
    h(
      'div',
      { class: thumbnail ? 'embed-main with-thumbnail' : 'embed-main' },
      h(
        'div',
        { class: 'embed-texts' },
        author && h('div', { class: 'embed-author' }, maybeLink(author.url, author.name)),
        embed.title && h('div', { class: 'embed-title' }, maybeLink(embed.url, inline(embed.title))),
        embed.description && markdown(embed.description),
        embed.fields?.length ? h('div', { class: 'embed-fields' }, embed.fields.map(drawField)) : null,
      ),
      thumbnail && picture({ url: thumbnail.url, alt: thumbnail.description, kind: 'thumbnail' }, message),
    ),
    image && picture({ url: image.url, alt: image.description, kind: 'wide' }, message),
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
function footer({ footer: foot, timestamp }) {
  const at = timestamp ? Date.parse(timestamp) : Number.NaN;
  if (!foot && Number.isNaN(at)) return null;
  const time = Number.isNaN(at) ? null : h('time', { datetime: new Date(at).toISOString() }, dayAndClock(at));
  return h('footer', { class: 'embed-footer' }, foot?.text, foot && time ? ' • ' : null, time);
}

/** @param {string | undefined} url @param {Child | Child[]} label */
function maybeLink(url, label) {
  return url && isWeb(url) ? link(url, label) : h('span', {}, ...[label].flat());
}
