import type { Words } from '#discord/words/words.ts';

export const language: Words['language'] = {
  names: { en: 'Englisch', de: 'Deutsch' },
  spokenHere: (name) =>
    `Karten und Hinweise auf diesem Server sind auf **${name}**. Was nur für eine Person ist, wird in der Sprache ihres Discord gesagt. Ändere es mit der Option dieses Befehls; Karten folgen, wenn sie sich das nächste Mal ändern.`,
  saved: 'Gespeichert. ',
};
