import { press } from './actions.js';
import { h, icon } from './dom.js';
import { emoji } from './emoji.js';
import { isWeb } from './media.js';

/** @import { Component, Message } from './types.d.ts' */

const CLASSES = ['', 'primary', 'secondary', 'success', 'danger', 'secondary', 'premium'];
const LINK = 5;
const PREMIUM = 6;

/** @param {Component} button @param {Message} message */
export function drawButton(button, message) {
  const kind = CLASSES[button.style ?? 2] ?? 'secondary';
  if (button.style === LINK) return drawLink(button);
  if (button.style === PREMIUM) return h('button', { type: 'button', class: `button ${kind}`, disabled: true }, 'Shop');
  const customId = button.custom_id ?? '';
  const props = { type: 'button', class: `button ${kind}`, disabled: button.disabled };
  const el = h('button', { ...props, 'data-custom-id': customId, 'data-focus': customId }, labelOf(button), waiting());
  el.addEventListener('click', async () => {
    if (el.getAttribute('aria-busy') === 'true') return;
    el.setAttribute('aria-busy', 'true');
    await press(message.id, customId);
    el.removeAttribute('aria-busy');
  });
  return el;
}

/** @param {Component} button */
function drawLink(button) {
  const children = [labelOf(button), icon('external')];
  // A link that leads nowhere is no link; Discord greys it out.
  if (button.disabled || !isWeb(button.url)) {
    return h('button', { type: 'button', class: 'button secondary', disabled: true }, children);
  }
  const props = { class: 'button secondary', href: button.url, title: button.url };
  return h('a', { ...props, target: '_blank', rel: 'noreferrer noopener' }, children);
}

/** @param {Component} button */
function labelOf({ emoji: face, label }) {
  const name = face?.id ? `:${face.name}:` : face?.name;
  return h('span', { class: 'button-label' }, name ? emoji(name) : null, name && label ? ' ' : null, label);
}

/** Three dots over the label while the bot is asked. */
const waiting = () => h('span', { class: 'button-dots', 'aria-hidden': 'true' }, h('i', {}), h('i', {}), h('i', {}));
