import { termsOf } from '#discord/words/terms.ts';
import type { Words } from '#discord/words/words.ts';

const { count } = termsOf('de');

export const steer: Words['steer'] = {
  kept: (number) =>
    `📨 Für Jules aufgehoben; es erfährt es, sobald es etwas annimmt. Im Thread von Aufgabe #${number} steht dann, dass es so weit war.`,
  untold: {
    over: 'Die Aufgabe ist vorbei, also wurde Jules nichts gesagt. Verlang mit `/jules` etwas Neues.',
    notStarted:
      'Die Aufgabe ist noch nicht freigegeben, also ist niemand da, der es hört. Versuch es wieder, sobald sie läuft.',
    answered: (by) => `${by} war schneller und hat schon geantwortet; Jules hat jene Antwort bekommen, nicht deine.`,
    staleQuestion:
      'Jules wartet nicht mehr auf diese Antwort, also wurde sie ihm nicht gesagt. Auf der Karte steht, was es jetzt fragt.',
    stalePlan:
      'Das ist nicht der Plan, der jetzt wartet, also wurde Jules nichts gesagt. Die Karte zeigt den neuesten.',
    planApproved: (by) => `${by} hat diesen Plan schon freigegeben, also wurden keine Änderungen verlangt.`,
    movedOn: 'Jules ist inzwischen weiter, also wurde ihm nichts gesagt. Die Karte zeigt, was es jetzt tut.',
    tooMany:
      'Es warten schon zwanzig Nachrichten darauf, dass Jules sie annimmt, also wurde diese nicht aufgehoben. Versuch es später wieder.',
  },
  plan: {
    over: 'Die Aufgabe ist vorbei, also wurde nichts freigegeben.',
    stale: 'Das ist nicht der Plan, der jetzt wartet, also wurde nichts freigegeben. Lies den neuesten auf der Karte.',
    approved: (by) => `${by} hat diesen Plan schon freigegeben.`,
    changesAsked: (by) =>
      `${by} hat Jules um Änderungen an diesem Plan gebeten, also wurde nichts freigegeben. Der neue Plan kommt auf seiner Karte.`,
    ownTask: (number) =>
      `Aufgabe #${number} hast du selbst verlangt, und auf diesem Server soll jemand anderes ihren Plan freigeben.`,
    notRenewed: 'Ihr Plan wartet nicht darauf, neu gemacht zu werden. Die Karte zeigt, was sie jetzt tut.',
  },
  patch: {
    posted: (number) => `📦 Der Patch von Aufgabe #${number} kommt als Datei in ihren Thread.`,
    tooLarge: (number, chars) =>
      `Der Patch von Aufgabe #${number} hat ${count(chars)} Zeichen, mehr hebt Verne nicht auf. Auf der Seite in Jules ist er zu finden.`,
    none: 'Von dieser Aufgabe gibt es keinen Patch mehr: Jules hat keinen gemacht, oder er wurde 90 Tage aufgehoben und ist weg.',
  },
};
