import { OF_COMMANDS, OF_MODALS } from './bad-bodies-commands.ts';
import { BY_DOCUMENT, STRANGERS } from './bad-bodies-document.ts';
import { OF_COMPONENTS, OF_MESSAGES } from './bad-bodies-messages.ts';
import type { Bad } from './bodies.ts';

export const BAD: readonly Bad[] = [
  ...BY_DOCUMENT,
  ...STRANGERS,
  ...OF_MESSAGES,
  ...OF_COMPONENTS,
  ...OF_MODALS,
  ...OF_COMMANDS,
];
