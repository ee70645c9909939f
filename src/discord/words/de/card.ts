import { termsOf } from '#discord/words/terms.ts';
import type { Words } from '#discord/words/words.ts';
import { buttons } from './buttons.ts';

const { count, counted, plural } = termsOf('de');

export const card: Words['card'] = {
  footer: (task) => `Verne · Aufgabe #${task}`,
  waitsForYou: (who) => `${who} eine Aufgabe wartet auf eine Entscheidung.`,
  noReason: 'Es wurde kein Grund genannt.',
  fields: {
    problem: 'Was schiefging',
    asks: 'Jules fragt',
    latest: 'Zuletzt',
    reason: 'Grund',
    plan: 'Plan',
    prompt: 'Prompt',
    closely: '⚠️ Sieh genau hin, bevor du freigibst',
    repository: 'Repository',
    requestedBy: 'Verlangt von',
    confirmedBy: 'Freigegeben von',
    rejectedBy: 'Abgelehnt von',
    confirmed: 'Freigabe',
    approvedBy: 'Freigaben von',
    expires: 'Verfällt',
    key: 'Jules-Schlüssel',
    session: 'Sitzung',
    thread: 'Thread',
    noThread: 'Kein Thread',
  },
  onBranch: (branch) => `Branch ${branch}`,
  keyOf: { server: 'Der Server-Schlüssel', person: 'Der eigene Schlüssel' },
  nobody: 'niemandem',
  moreNeeded: (left) => `${plural(left, 'es fehlt', 'es fehlen')} noch ${count(left)}`,
  notNeeded: 'nicht nötig: Wer sie verlangt\nhat, darf selbst freigeben',
  standsStill: 'nicht, solange Verne pausiert ist:\ndanach laufen die Stunden weiter',
  notByRequester: 'wer sie verlangt hat, darf sie nicht freigeben',
  quota: ({ today, per_day: perDay, running, at_once: atOnce }) =>
    `${count(today)} von ${count(perDay)} in 24 Stunden, ${count(running)} von ${count(atOnce)} laufen`,
  session: {
    ran: (how, ended) => `lief ${how}\nendete ${ended}`,
    opened: (when) => `geöffnet ${when}`,
    lastSign: (when) => `letztes Lebenszeichen ${when}`,
    openedAgain: (times) => `${count(times)} × neu geöffnet, weil ein Plan verfiel`,
    lessThanMinute: 'weniger als eine Minute',
    minutes: (minutes) => counted(minutes, 'Minute', 'Minuten'),
    hours: (hours) => counted(hours, 'Stunde', 'Stunden'),
  },
  plan: {
    unnamedStep: '(ein Schritt ohne Namen)',
    before: (steps) => `… davor ${counted(steps, 'Schritt', 'Schritte')}`,
    more: (steps) => `und ${counted(steps, 'weiterer Schritt', 'weitere Schritte')}`,
    whole: { thread: 'der ganze Plan steht im Thread', page: 'der ganze Plan steht auf der Seite in Jules' },
    done: (done, of) => `${count(done)} von ${count(of)} Schritten erledigt`,
  },
  prompt: {
    shows: (shown, whole) =>
      `zeigt ${count(shown)} von ${count(whole)} Zeichen; mit **${buttons.showPrompt}** siehst du alles`,
    hidden: (characters) => counted(characters, 'unsichtbares Zeichen weggelassen', 'unsichtbare Zeichen weggelassen'),
    masked: (values) =>
      counted(values, 'Wert verdeckt, der wie ein Geheimnis aussieht', 'Werte verdeckt, die wie Geheimnisse aussehen'),
    maskedLinks: (links) =>
      counted(
        links,
        'Link, der andere Worte als seine Adresse zeigt',
        'Links, die andere Worte als ihre Adresse zeigen',
      ),
    mentions: (mentions) =>
      counted(mentions, 'Erwähnung von Personen, Rollen oder allen', 'Erwähnungen von Personen, Rollen oder allen'),
    places: (addresses) => `Adressen, die nicht als Links gezeigt werden: ${addresses}`,
    morePlaces: (left) => `${count(left)} weitere`,
    oddBranch: (letters) => `im Namen des Branches stehen ungewöhnliche Buchstaben: ${letters}`,
  },
  noThread: (why) => `${why} Der Fortschritt steht nur auf dieser Karte.`,
  exitCode: (command, code) => `${command} endete mit Exit-Code ${code}`,
  next: {
    mend: 'Es ist nichts gelaufen. Behebe das, und verlang es dann noch einmal mit `/jules`.',
    deleted: `Drück auf der Karte auf „${buttons.retry}“, oder verlang es noch einmal mit \`/jules\`. Was Verne von der Arbeit aufbewahrt hat, bekommst du auch dort.`,
    failed:
      'Sieh auf der Karte nach, wie weit es kam, und verlang es dann noch einmal mit `/jules`; schreib mehr in den Prompt, falls Jules sich verrannt hat.',
    otherwise:
      'Auf der Seite in Jules steht vielleicht mehr; sieh dort nach, und verlang es dann noch einmal mit `/jules`.',
  },
};

export const clipped: Words['clipped'] = {
  rest: (characters) => `… noch ${counted(characters, 'Zeichen', 'Zeichen')}`,
  restAt: (characters, where) => `… noch ${counted(characters, 'Zeichen', 'Zeichen')} ${where}`,
  onPage: 'auf der Seite in Jules',
  inFile: 'in der Datei',
};
