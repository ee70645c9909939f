import type { Refusals } from '#discord/words/refusals.ts';
import { termsOf } from '#discord/words/terms.ts';

const { count } = termsOf('de');

export const refusals: Refusals = {
  empty_instruction: 'Es steht nichts darin, also wurde Jules nichts gesagt. Schreib, was Jules tun soll.',
  empty_prompt:
    'Der Prompt ist leer. Sag, was Jules tun soll, zum Beispiel: `/jules prompt: Repariere den fehlschlagenden Login-Test`.',
  hidden_text:
    'Der Text enthält Zeichen, die niemand sehen kann (Unicode-Tags), die Jules aber lesen würde, also wurde er weder festgehalten noch gesendet. Tipp ihn neu, oder füg ihn aus einem Programm ein, das nur reinen Text behält.',
  long_instruction: ({ chars, most }) =>
    `Das sind ${count(chars)} Zeichen; mehr als ${count(most)} auf einmal bekommt Jules nicht gesagt. Kürze es, oder schick es in Teilen.`,
  long_prompt: ({ chars, most }) =>
    `Der Prompt hat ${count(chars)} Zeichen; höchstens ${count(most)} sind möglich. Kürze ihn, oder schreib die Einzelheiten in eine Datei des Repositorys und nenn sie.`,
  malformed_branch: 'Das ist kein Name eines Branches. Wähle einen aus der Liste, oder lass ihn weg.',
  malformed_key:
    'Das ist kein Jules-API-Schlüssel. Kopier ihn von jules.google.com/settings#api, ohne Leerzeichen und Zeilenumbrüche.',
  malformed_repo: 'Das ist kein Repository. Schreib es als `owner/name`, oder wähle eines aus der Liste.',
  not_a_pattern:
    'Damit ist nichts benannt, also wurde nichts geändert. Schreib ein Repository als `owner/name` und einen Branch wie `main`; `*` steht für beliebige Zeichen: `octo-org/*`, `release/*`.',
};
