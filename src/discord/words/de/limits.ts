import { termsOf } from '#discord/words/terms.ts';
import type { Words } from '#discord/words/words.ts';

const { count, counted } = termsOf('de');

export const limits: Words['limits'] = {
  none: 'Es sind keine Budgets festgelegt: Nur die Limits der Jules-Schlüssel gelten.',
  head: 'Aufgaben-Budgets hier; der eigene Eintrag einer Person zählt vor dem ihrer Rollen, der vor dem für alle:',
  wholeServer: '**Der ganze Server**',
  everybodyElse: '**Alle anderen**',
  line: (whose, limits) => `• ${whose}: ${limits}`,
  perDay: (tasks) => `${counted(tasks, 'Aufgabe', 'Aufgaben')} in 24 Stunden`,
  perDayUsed: (tasks, used) => `${counted(tasks, 'Aufgabe', 'Aufgaben')} in 24 Stunden (${count(used)} verbraucht)`,
  atOnce: (tasks) => `${count(tasks)} gleichzeitig offen`,
  atOnceNow: (tasks, now) => `${count(tasks)} gleichzeitig offen (gerade ${count(now)})`,
  amount: (used) => count(used),
  amountOf: (used, most) => `${count(used)} von ${count(most)}`,
  you: (day, open) => `**Du** hast in 24 Stunden ${day} verbraucht; gerade offen: ${open}.`,
  raised: {
    server: (extra, until) => `• erhöht für den ganzen Server: ${count(extra)} mehr, das endet ${until}`,
    person: (extra, until, who) => `• erhöht für ${who}: ${count(extra)} mehr, das endet ${until}`,
  },
  mayAskMore: {
    server: (extra, until) =>
      `Dieser Server darf ${counted(extra, 'Aufgabe', 'Aufgaben')} mehr verlangen; das endet ${until}.`,
    person: (extra, until, who) =>
      `${who} darf ${counted(extra, 'Aufgabe', 'Aufgaben')} mehr verlangen; das endet ${until}.`,
  },
  twoTargets: 'Nenn nur eines von `person`, `role` und `server`, oder keines für alle. Es wurde nichts geändert.',
  setsOwn:
    'Niemand legt sein eigenes Budget fest, auch keines, durch das er selbst mehr verlangen dürfte. Es wurde nichts geändert; jemand anderes mit „Server verwalten“ muss es tun.',
  raisesOwn: 'Niemand erhöht sein eigenes Budget, also wurde nichts geändert. Frag jemand anderen, der es darf.',
  setAndRemoved: 'Dasselbe Limit wird festgelegt und entfernt. Es wurde nichts geändert.',
  nothingNamed: 'Nenn `per_day` oder `at_once`, oder nimm eines mit `remove` weg. Es wurde nichts geändert.',
};
