import { termsOf } from '#discord/words/terms.ts';
import type { Words } from '#discord/words/words.ts';

const { count, counted } = termsOf('de');

const limits = (perDay: number, atOnce: number) =>
  `${counted(perDay, 'Aufgabe', 'Aufgaben')} am Tag, ${count(atOnce)} gleichzeitig`;

const whatFollows =
  'Ein Schlüssel, der vorher da war, ist widerrufen. Jules wird jetzt nach seinen Repositorys gefragt; versuch in ein paar Sekunden `/jules`. Falls Jules den Schlüssel ablehnt, bekommst du eine Direktnachricht.';

export const keys: Words['keys'] = {
  called: {
    server: { you: 'der Server-Schlüssel', all: 'der Server-Schlüssel' },
    person: { you: 'dein Schlüssel', all: 'der eigene Schlüssel' },
  },
  alone: { server: 'Der Server-Schlüssel', person: 'Der eigene Schlüssel' },
  one: {
    server: (facts) => `**Der Server-Schlüssel:** ${facts}`,
    person: (facts) => `**Dein Schlüssel:** ${facts}`,
  },
  none: { server: '**Der Server-Schlüssel:** keiner', person: '**Dein Schlüssel:** keiner' },
  several: '**Die Server-Schlüssel:**',
  forWhom: (place) => `für ${place}`,
  limits: {
    free: (perDay, atOnce) => `kostenloser Tarif: ${limits(perDay, atOnce)}`,
    pro: (perDay, atOnce) => `Pro-Tarif: ${limits(perDay, atOnce)}`,
    ultra: (perDay, atOnce) => `Ultra-Tarif: ${limits(perDay, atOnce)}`,
    custom: limits,
  },
  entered: (when) => `eingegeben ${when}`,
  used: (when) => `zuletzt benutzt ${when}`,
  unused: 'noch nicht benutzt',
  refused: (why) => `⚠️ Jules lehnt ihn ab: ${why}`,
  yourTasksUse: {
    server: 'Deine Aufgaben benutzen den Server-Schlüssel.',
    person: 'Deine Aufgaben benutzen deinen Schlüssel.',
  },
  noneForYou: 'Ohne Schlüssel kann keine Aufgabe von dir beginnen.',
  whereMade:
    'Schlüssel werden auf jules.google.com/settings#api erstellt. Sie werden versiegelt gespeichert und nie wieder angezeigt.',
  onlyManagers: 'Nur Personen mit „Server verwalten“ können den Server-Schlüssel ändern.',
  buttons: {
    enter: { server: 'Server-Schlüssel…', person: 'Mein Schlüssel…' },
    remove: { server: 'Server-Schlüssel entfernen…', person: 'Meinen Schlüssel entfernen…' },
    doRemove: 'Entfernen',
    keep: 'Behalten',
  },
  askRemoval: {
    server: (key) => `Den Server-Schlüssel ${key} entfernen? Mit ihm kann dann keine Aufgabe mehr beginnen.`,
    person: (key) => `Deinen Schlüssel ${key} entfernen? Mit ihm kann dann keine Aufgabe mehr beginnen.`,
  },
  dialog: {
    title: {
      server: 'Jules-Schlüssel dieses Servers',
      person: 'Dein eigener Jules-Schlüssel',
      beside: 'Noch ein Jules-Schlüssel dieses Servers',
    },
    label: 'Jules-API-Schlüssel',
    about: 'Von jules.google.com/settings#api. Wird versiegelt; nur die letzten vier Zeichen sind zu sehen.',
    placeholder: 'Schlüssel einfügen',
  },
  stored: {
    server: (key) => `🔑 Der Server-Schlüssel ist gespeichert: ${key}. ${whatFollows}`,
    person: (key) => `🔑 Dein Schlüssel ist gespeichert: ${key}. ${whatFollows}`,
  },
  storedBeside: (key) => `🔑 Der Schlüssel ${key} ist neben den anderen gespeichert.`,
  limitsKept:
    'Sein Jules-Konto wird auch anderswo benutzt, darum behält es seine bisherigen Limits; wer Verne betreibt, kann sie ändern.',
  notThere: {
    server: 'Es gab keinen Server-Schlüssel, also wurde nichts entfernt.',
    person: 'Du hattest keinen eigenen Schlüssel, also wurde nichts entfernt.',
  },
  removed: { server: 'Der Server-Schlüssel ist entfernt.', person: 'Dein Schlüssel ist entfernt.' },
  kept: { server: 'Der Server-Schlüssel bleibt.', person: 'Dein Schlüssel bleibt.' },
  notLastFour: 'Nenn den Schlüssel mit seinen letzten vier Zeichen, so wie `/config key` sie zeigt.',
  noSuchKey: 'Der Server hat keinen Schlüssel mit diesen letzten vier Zeichen, also wurde nichts entfernt.',
  revoked: (key) => `Der Schlüssel ${key} ist widerrufen: Mit ihm wird nichts mehr aufgerufen.`,
};
