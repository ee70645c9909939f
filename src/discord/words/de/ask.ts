import { termsOf } from '#discord/words/terms.ts';
import type { Words } from '#discord/words/words.ts';
import { buttons } from './buttons.ts';

const { count, counted, plural } = termsOf('de');

export const ask: Words['ask'] = {
  recorded: (number, waits) => `🧠 Aufgabe #${number} ist festgehalten. ${waits}`,
  waitsFor: {
    approver: 'Sie wartet auf eine Freigabe.',
    approvals: (missing) => `Sie wartet auf ${counted(missing, 'Freigabe', 'Freigaben')}.`,
    besideYours: (missing) => `Neben deiner wartet sie noch auf ${counted(missing, 'Freigabe', 'Freigaben')}.`,
  },
  starts: (number) => `🛠 Aufgabe #${number} beginnt.`,
  works: {
    server: (place, from, last4) =>
      `${place} (${from}), mit dem Server-Schlüssel •••• ${last4}. Ihre Karte folgt in diesem Kanal.`,
    person: (place, from, last4) =>
      `${place} (${from}), mit deinem Schlüssel •••• ${last4}. Ihre Karte folgt in diesem Kanal.`,
  },
  overruled: 'Dieser Server lässt jeden Plan lesen; auch diesen liest also vorher jemand, der freigeben darf.',
  budget: {
    person: {
      none: 'Du darfst hier keine Aufgaben verlangen, also wurde nichts festgehalten.',
      at_once: (allowed) =>
        `Du hast schon ${counted(allowed, 'Aufgabe', 'Aufgaben')} offen, mehr dürfen es nicht sein, also wurde nichts festgehalten.`,
      per_day: (allowed) =>
        `Du hast ${plural(allowed, 'die eine Aufgabe', `alle ${count(allowed)} Aufgaben`)} für 24 Stunden verbraucht, also wurde nichts festgehalten.`,
      allowSome: 'Wer freigeben darf, kann dir mit `/limits raise` für einen Tag welche erlauben.',
      allowMore: 'Wer freigeben darf, kann dir mit `/limits raise` für einen Tag mehr erlauben.',
    },
    server: {
      none: 'Dieser Server darf keine Aufgaben verlangen, also wurde nichts festgehalten.',
      at_once: (allowed) =>
        `Dieser Server hat schon ${counted(allowed, 'Aufgabe', 'Aufgaben')} offen, mehr dürfen es nicht sein, also wurde nichts festgehalten.`,
      per_day: (allowed) =>
        `Dieser Server hat ${plural(allowed, 'die eine Aufgabe', `alle ${count(allowed)} Aufgaben`)} für 24 Stunden verbraucht, also wurde nichts festgehalten.`,
      allowSome: 'Jemand mit „Server verwalten“ kann mit `/limits raise` für einen Tag welche erlauben.',
      allowMore: 'Jemand mit „Server verwalten“ kann mit `/limits raise` für einen Tag mehr erlauben.',
    },
    roomWhenItEnds: 'Platz ist wieder, sobald sie endet.',
    roomWhenOneEnds: 'Platz ist wieder, sobald eine davon endet.',
    roomAgain: (when) => `Platz ist wieder ${when}.`,
  },
  noKey:
    'Es gibt keinen Jules-Schlüssel, mit dem gearbeitet werden könnte, also wurde nichts festgehalten. Gib mit `/config key` deinen eigenen ein, oder bitte jemanden mit „Server verwalten“, dort einen für den Server einzugeben.',
  noRepo:
    'Es ist kein Repository genannt und keines festgelegt, also wurde nichts festgehalten. Nenn eines mit der Option `repo`, oder leg mit `/config repo` dein eigenes fest.',
  unknownTask: 'Auf diesem Server gibt es diese Aufgabe nicht. Vielleicht gehört sie zu einem anderen.',
  parentMoved: (number) =>
    `Aufgabe #${number} ist inzwischen weiter, also wurde nichts festgehalten. Ihre Karte zeigt, was sie jetzt tut.`,
  botLacks: (missing) =>
    `Ich kann in diesem Kanal keine Aufgabe zeigen, also wurde nichts festgehalten: Mir fehlt ${missing}. Bitte jemanden, der den Kanal verwaltet, es zu erlauben, oder nimm einen anderen Kanal.`,
  nothingInIt: 'Es steht nichts darin, also wurde nichts festgehalten. Schreib, was noch zu tun ist.',
  edited: {
    done: (number) => `✏️ Aufgabe #${number} ist bearbeitet.`,
    approvalsGone: (gone) =>
      plural(
        gone,
        'Die Freigabe des alten Wortlauts zählt nicht mehr.',
        `Die ${gone} Freigaben des alten Wortlauts zählen nicht mehr.`,
      ),
    waits: 'Sie wartet auf eine Entscheidung über das, was ihre Karte jetzt zeigt.',
    unchanged: (number) => `In Aufgabe #${number} steht, was vorher darin stand.`,
    before: (number) =>
      `Aufgabe #${number} wurde in einem anderen Dialog bearbeitet, seit du diesen geöffnet hast, also wurde nichts geändert. Drück noch einmal auf „${buttons.edit}“.`,
    notRequester: (by) =>
      `Nur ${by} darf diese Aufgabe bearbeiten, denn von dort kam die Anfrage. Wer freigeben darf, kann sie ablehnen und sagen, was zu ändern ist.`,
    noKey: 'Es gibt keinen Jules-Schlüssel mehr, mit dem gearbeitet werden könnte, also wurde nichts geändert.',
    noRepo: 'Es ist kein Repository genannt, also wurde nichts geändert.',
  },
  prompt: {
    whole: (number, chars) => `Der Prompt von Aufgabe #${number} (${chars} Zeichen):`,
    hidden: (number, chars, hidden) =>
      `Der Prompt von Aufgabe #${number} (${chars} Zeichen, davon ${hidden} unsichtbar und hier weggelassen):`,
  },
};
