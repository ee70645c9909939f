import { termsOf } from '#discord/words/terms.ts';
import type { Words } from '#discord/words/words.ts';

const { count, counted } = termsOf('de');

const gone = (last4: string, why: string) =>
  `🔑 Der Jules-Schlüssel •••• ${last4}, den du eingegeben hast, ist weg: ${why}, also lässt er sich nicht mehr öffnen. Niemand kann ihn lesen. Gib ihn mit \`/config key\` noch einmal ein; falls du ihn nicht mehr hast, erstell auf jules.google.com/settings#api einen neuen.`;

export const keyNotes: Words['keyNotes'] = {
  refused: (last4) =>
    `🔑 Jules lehnt den Schlüssel •••• ${last4} ab, den du eingegeben hast, also kann mit ihm keine Aufgabe laufen. Erstell auf jules.google.com/settings#api einen neuen und gib ihn mit \`/config key\` ein.`,
  usedUp: (last4, { used, limit }) =>
    `🔑 Mit dem Schlüssel •••• ${last4}, den du eingegeben hast, geht heute nichts mehr: ${count(used)} von ${counted(limit, 'Aufgabe', 'Aufgaben')}, die er in 24 Stunden starten darf, sind gestartet, und weitere warten.`,
  saidUsedUp: (last4, { used, limit }) =>
    `🔑 Jules sagt, der Schlüssel •••• ${last4}, den du eingegeben hast, sei aufgebraucht, obwohl Verne ${count(used)} von ${counted(limit, 'Aufgabe', 'Aufgaben')} zählt, die er in 24 Stunden starten darf: Vielleicht wird sein Konto auch anderswo benutzt. Aufgaben warten und werden von selbst wieder versucht.`,
  comesBack: (when) => `Der nächste Platz wird ${when} frei, und sie beginnen von selbst.`,
  staysSo: 'Sie beginnen erst, wenn sein Limit erhöht wird.',
  letMore:
    'Damit mehr durchkommt, gib einen Schlüssel eines anderen Jules-Kontos ein: für einen Server mit `/config add-key`, für dich selbst mit `/config key`.',
  broken: (last4) => gone(last4, 'Seine gespeicherte Form wurde verändert'),
  lost: (last4) => gone(last4, 'Der Hauptschlüssel, der ihn versiegelt hat, ist verloren'),
};
