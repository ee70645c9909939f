import { press } from './actions.js';
import { h, icon } from './dom.js';
import { cssColor, isWeb } from './embed.js';
import { markdown } from './markdown.js';
import { spoiler } from './markdown-inline.js';
import { drawSelect, isSelect } from './select.js';

/** @import { Child, Component, Message } from './types.d.ts' */

const BUTTON_CLASSES = ['', 'primary', 'secondary', 'success', 'danger', 'secondary'];
const LINK = 5;

/** @type {Record<number, (component: Component, message: Message) => Child>} */
const DRAW = {
  1: (row, message) => h('div', { class: 'action-row' }, drawComponents(row.components ?? [], message)),
  2: drawButton,
  9: (section, message) =>
    h(
      'div',
      { class: 'section' },
      h('div', {}, drawComponents(section.components ?? [], message)),
      section.accessory ? drawComponent(section.accessory, message) : null,
    ),
  10: (text) => markdown(text.content ?? ''),
  11: (thumbnail) => media(thumbnail.media?.url, thumbnail.description),
  12: (gallery) =>
    h(
      'div',
      { class: 'gallery' },
      (gallery.items ?? []).map((item) => media(item.media.url, item.description)),
    ),
  13: (file) => h('div', { class: 'attachment' }, (file.file?.url ?? '').replace('attachment://', '')),
  14: (line) => h('hr', { class: line.divider === false ? 'separator invisible' : 'separator' }),
  17: drawContainer,
};

/** @param {Component[]} components @param {Message} message @returns {Child[]} */
export function drawComponents(components, message) {
  return components.map((one) => drawComponent(one, message));
}

/** @param {Component} component @param {Message} message @returns {Child} */
function drawComponent(component, message) {
  if (isSelect(component.type)) {
    return drawSelect(component, (values) => void press(message.id, component.custom_id ?? '', values));
  }
  const draw = DRAW[component.type];
  return draw ? draw(component, message) : h('div', { class: 'subtext' }, `(component of type ${component.type})`);
}

/** @param {Component} button @param {Message} message */
function drawButton(button, message) {
  const label = [button.emoji?.name, button.label].filter(Boolean).join(' ');
  if (button.style === LINK && button.url && isWeb(button.url)) {
    const props = { class: 'button secondary', href: button.url, target: '_blank', rel: 'noreferrer noopener' };
    return h('a', props, label, icon('external'));
  }
  const kind = BUTTON_CLASSES[button.style ?? 2] ?? 'secondary';
  const customId = button.custom_id ?? '';
  const el = h(
    'button',
    {
      type: 'button',
      class: `button ${kind}`,
      disabled: button.disabled,
      'data-custom-id': customId,
      'data-focus': customId,
    },
    h('span', { class: 'button-label' }, label),
  );
  el.addEventListener('click', async () => {
    if (el.getAttribute('aria-busy') === 'true') return;
    el.setAttribute('aria-busy', 'true');
    await press(message.id, customId);
    el.removeAttribute('aria-busy');
  });
  return el;
}

/** @param {Component} container @param {Message} message */
function drawContainer(container, message) {
  const children = drawComponents(container.components ?? [], message);
  const el = h('div', { class: 'container' }, container.spoiler ? spoiler(children) : children);
  el.style.borderLeftColor = cssColor(container.accent_color);
  return el;
}

/** The page loads nothing from elsewhere, so a picture is named rather than shown. @param {string | undefined} url @param {string | undefined} description */
function media(url, description) {
  const name = description || (url ?? '').split('/').at(-1) || 'picture';
  const inside = url && isWeb(url) ? h('a', { href: url, target: '_blank', rel: 'noreferrer noopener' }, name) : name;
  return h('div', { class: 'media' }, inside);
}
