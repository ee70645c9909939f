import { termsOf } from '#discord/words/terms.ts';
import type { Words } from '#discord/words/words.ts';

const { count } = termsOf('de');

export const common: Words['common'] = {
  saved: 'Gespeichert.',
  manageServer: '„Server verwalten“',
  more: (left) => `… und ${count(left)} weitere`,
  savedAtOnce: 'Was du unten auswählst, wird sofort gespeichert.',
  onlyManagers: 'Nur Personen mit „Server verwalten“ können das ändern; frag eine von ihnen.',
};
