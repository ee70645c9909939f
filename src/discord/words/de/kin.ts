import { termsOf } from '#discord/words/terms.ts';
import type { Words } from '#discord/words/words.ts';

const { count, counted, plural } = termsOf('de');

export const kin: Words['kin'] = {
  title: 'Gehört zu',
  parent: {
    retry: (task) => `neuer Versuch von ${task}`,
    follow_up: (task) => `führt ${task} weiter`,
  },
  child: {
    retry: (task) => `neu versucht als ${task}`,
    follow_up: (task) => `weitergeführt als ${task}`,
  },
  before: (left) => `… und ${count(left)} davor`,
  edited: '✏️ Bearbeitet',
  editedAfter: (when, approvals) =>
    `${when}, nach ${counted(approvals, 'Freigabe', 'Freigaben')}, die nicht mehr ${plural(approvals, 'zählt', 'zählen')}`,
  plan: {
    title: 'Ihr Plan',
    isRead: 'jemand, der freigeben darf,\nliest ihn, bevor er läuft',
    option: (who) => `so hat es ${who} verlangt`,
    person: (who) => `so hält es ${who}`,
    server: 'so hält es dieser Server',
  },
};
