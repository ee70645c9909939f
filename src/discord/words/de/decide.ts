import { termsOf } from '#discord/words/terms.ts';
import type { Words } from '#discord/words/words.ts';
import { buttons } from './buttons.ts';

const { count } = termsOf('de');

export const decide: Words['decide'] = {
  tooLate: (number, now) => `Zu spät für Aufgabe #${number}. ${now}`,
  now: {
    pending: 'Sie wartet noch auf eine Entscheidung.',
    startedAtOnce: 'Sie hat sofort begonnen, weil selbst freigeben darf, wer sie verlangt hat.',
    confirmed: (by, when) => `Sie wurde schon freigegeben, von ${by}${when && ` ${when}`}.`,
    completed: 'Jules ist schon damit fertig.',
    rejected: 'Sie wurde schon abgelehnt.',
    rejectedBy: (by, when) => `Sie wurde schon abgelehnt, von ${by}${when && ` ${when}`}.`,
    failed: 'Sie ist schon fehlgeschlagen; verlang sie mit `/jules` noch einmal.',
    cancelled: 'Sie wurde schon abgebrochen.',
    cancelledBy: (by) => `Sie wurde schon abgebrochen, von ${by}.`,
    undecided: 'Sie ist verfallen, weil niemand rechtzeitig entschieden hat; verlang sie mit `/jules` noch einmal.',
    tooFew: (approvals, of) =>
      `Sie ist verfallen, weil nur ${approvals} von ${of} Freigaben rechtzeitig kamen; verlang sie mit \`/jules\` noch einmal.`,
  },
  counts: (number, approvals, of) => `✅ Deine Freigabe von Aufgabe #${number} zählt: ${approvals} von ${of}.`,
  startsAfterOne: 'Sie beginnt nach einer weiteren, von jemand anderem.',
  startsAfter: (missing) => `Sie beginnt nach ${count(missing)} weiteren, von anderen Personen.`,
  edited: (number) =>
    `Aufgabe #${number} wurde bearbeitet, seit diese Schaltfläche zu sehen war, also wurde nichts freigegeben. Lies sie noch einmal auf ihrer Karte und drück dort auf „${buttons.confirm}“.`,
  ownTask: (number) =>
    `Aufgabe #${number} hast du selbst verlangt, und auf diesem Server soll sie jemand anderes freigeben.`,
  noReason: `Eine Ablehnung braucht einen Grund, also wurde nichts entschieden. Drück noch einmal auf „${buttons.reject}“ und schreib einen.`,
  cancelled: (number) => `🚫 Aufgabe #${number} ist abgebrochen.`,
};
