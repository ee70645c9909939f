import { press } from './actions.js';
import { fileCard } from './attachment.js';
import { drawButton } from './button.js';
import { cssColor } from './color.js';
import { h } from './dom.js';
import { isSelect } from './entities.js';
import { markdown } from './markdown.js';
import { attachmentAt, picture } from './media.js';
import { drawSelect } from './select.js';
import { spoiler } from './spoiler.js';

/** @import { Child, Component, Message } from './types.d.ts' */

/** @type {Record<number, (component: Component, message: Message) => Child>} */
const DRAW = {
  1: (row, message) => h('div', { class: 'action-row' }, drawComponents(row.components ?? [], message)),
  2: drawButton,
  9: drawSection,
  10: (text) => markdown(text.content ?? ''),
  11: (one, message) =>
    picture({ url: one.media?.url, alt: one.description, hidden: one.spoiler, kind: 'thumbnail' }, message),
  12: drawGallery,
  13: drawFile,
  14: drawSeparator,
  17: drawContainer,
};

/** @param {Component[]} components @param {Message} message @returns {Child[]} */
export function drawComponents(components, message) {
  return components.map((one) => drawComponent(one, message));
}

/** @param {Component} component @param {Message} message @returns {Child} */
function drawComponent(component, message) {
  if (isSelect(component.type)) {
    return drawSelect(component, { onTake: (values) => void press(message.id, component.custom_id ?? '', values) });
  }
  const draw = DRAW[component.type];
  return draw ? draw(component, message) : h('div', { class: 'subtext' }, `(component of type ${component.type})`);
}

/** @param {Component} section @param {Message} message */
function drawSection(section, message) {
  return h(
    'div',
    { class: 'section' },
    h('div', { class: 'section-texts' }, drawComponents(section.components ?? [], message)),
    section.accessory ? drawComponent(section.accessory, message) : null,
  );
}

/** @param {Component} gallery @param {Message} message */
function drawGallery({ items = [] }, message) {
  const pictures = items.map((one) =>
    picture({ url: one.media.url, alt: one.description, hidden: one.spoiler, kind: 'tile' }, message),
  );
  return h('div', { class: `gallery gallery-${Math.min(items.length, 3)}` }, pictures);
}

/** @param {Component} component @param {Message} message */
function drawFile({ file, name, size, spoiler: isHidden }, message) {
  const url = file?.url ?? '';
  const filename =
    name ??
    url
      .replace(/^attachment:\/\//, '')
      .split('/')
      .at(-1) ??
    'file';
  const card = fileCard(attachmentAt(url, message) ?? { id: '', filename, ...(size !== undefined && { size }) });
  return isHidden ? spoiler([card], 'div') : card;
}

/** @param {Component} line */
function drawSeparator({ divider, spacing }) {
  const classes = ['separator', divider === false && 'invisible', spacing === 2 && 'large'];
  return h('hr', { class: classes.filter(Boolean).join(' '), 'aria-hidden': divider === false ? 'true' : undefined });
}

/** @param {Component} container @param {Message} message */
function drawContainer(container, message) {
  const children = drawComponents(container.components ?? [], message);
  const el = h('div', { class: 'container' }, container.spoiler ? spoiler(children, 'div') : children);
  el.style.borderLeftColor = cssColor(container.accent_color);
  return el;
}
