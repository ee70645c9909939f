import { byId } from './dom.js';

/** Puts a beginning into the composer, as if the person had typed it. @param {string} text */
export function beginWith(text) {
  const input = byId('composer-input', HTMLTextAreaElement);
  if (input.hidden) return;
  input.value = text;
  input.focus();
  input.dispatchEvent(new Event('input'));
}
