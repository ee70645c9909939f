import { termsOf } from '#discord/words/terms.ts';
import type { Words } from '#discord/words/words.ts';
import { buttons } from './buttons.ts';

const { count, counted, plural } = termsOf('de');

const named: Words['notes']['named'] = ({ number, place }) => `Aufgabe #${number} (${place})`;

const more = (cards: number) =>
  plural(
    cards,
    'Noch eine Aufgabe wartet auf eine Entscheidung:',
    `${count(cards)} weitere Aufgaben warten auf eine Entscheidung:`,
  );

export const notes: Words['notes'] = {
  named,
  links: { card: 'Karte', toCard: 'Zur Karte' },
  says: '🤖 Jules sagt:',
  question: {
    asked: (who, number) =>
      `❓ ${who} Jules fragt etwas zu Aufgabe #${number} und wartet. Antworte mit den Schaltflächen der Karte oder auf der Seite in Jules:`,
    unsaid: 'Was, hat es nicht gesagt. Auf der Seite in Jules steht vielleicht mehr.',
  },
  plan: {
    title: '📝 Der Plan',
    titleRange: (from, to, of) =>
      `📝 Der Plan, ${count(from)} bis ${count(to)} von ${counted(of, 'Schritt', 'Schritten')}`,
    unnamed: '(ein Schritt ohne Namen)',
    none: 'Der Plan nennt keine Schritte.',
    more: (steps) => `… und ${counted(steps, 'weiterer Schritt', 'weitere Schritte')}`,
    inFile: (file) => `Jedes Wort davon steht in der Datei ${file}.`,
    inFileOf: (file, chars) => `Jedes Wort davon (${counted(chars, 'Zeichen', 'Zeichen')}) steht in der Datei ${file}.`,
    hidden: (chars) => `${counted(chars, 'Zeichen', 'Zeichen')}, die niemand sehen würde, ausgelassen.`,
    shortened: (file) => `Einige Schritte sind gekürzt; ganz stehen sie in der Datei ${file} weiter oben.`,
  },
  approval: {
    asks: (who, { number, place }) =>
      `🧠 ${who} möchte Jules an ${place} arbeiten lassen: Aufgabe #${number} wartet auf deine Entscheidung.`,
    shows: (shown, whole) => `zeigt ${count(shown)} von ${count(whole)} Zeichen`,
    closely: (found) => `⚠️ Sieh genau hin: ${found}`,
    onCardAt: (link) => `Gib sie auf ihrer Karte frei oder lehne sie ab: ${link}`,
    onCard: 'Gib sie auf ihrer Karte auf dem Server frei oder lehne sie ab.',
  },
  rejection: {
    head: (task) => `❌ Deine ${named(task)} wurde abgelehnt.`,
    headBy: (task, by) => `❌ Deine ${named(task)} wurde von ${by} abgelehnt.`,
    noReason: 'Es wurde kein Grund genannt.',
    next: 'Es ist nichts gelaufen. Frag nach, oder verlang es noch einmal mit `/jules`.',
  },
  cancelled: (task, whose) => `🚫 ${named(task)} von ${whose} wurde abgebrochen.`,
  cancelledBy: (task, whose, by) => `🚫 ${by} hat ${named(task)} von ${whose} abgebrochen.`,
  expired: (who, task, why) =>
    `⌛ ${who} deine ${named(task)} ist verfallen, denn ${why}. Es ist nichts gelaufen. Verlang es noch einmal mit \`/jules\`.`,
  opened: (place) => `🛠 Entwicklung läuft… Jules arbeitet an ${place}. Was es tut, steht dann hier.`,
  openedAgain: (place) =>
    `🔁 Jules fängt mit ${place} noch einmal an: Sein Plan war verfallen, bevor Verne ihn freigeben konnte.`,
  wentOn: 'Jules hat weitergearbeitet.',
  cameBack: (number) => `▶️ Jules hat Aufgabe #${number} wieder aufgenommen und arbeitet weiter.`,
  reminder: {
    decision: (who, task, since) =>
      `⏰ ${who} ${named(task)} wartet auf eine Entscheidung. Das Warten begann ${since}.`,
    plan: (who, task, since) =>
      `⏰ ${who} Der Plan von ${named(task)} wartet darauf, gelesen zu werden. Das Warten begann ${since}.`,
    plan_again: (who, task, since) =>
      `⏰ ${who} ${named(task)} hat keinen Plan mehr, weil ihn niemand rechtzeitig freigegeben hat: Drück auf „${buttons.planAgain}“ oder „${buttons.cancel}“. Das Warten begann ${since}.`,
    answer: (who, task, since) =>
      `⏰ ${who} ${named(task)} wartet auf eine Antwort auf die Frage von Jules. Das Warten begann ${since}.`,
  },
  waiting: (who, tasks) => `${who} ${more(tasks)}`,
  moreCards: (cards) => `… und ${counted(cards, 'weitere Karte', 'weitere Karten')} weiter oben in diesem Kanal`,
};

export const outcome: Words['outcome'] = {
  ready: (url) => `✅ PR fertig: ${url}`,
  patch:
    '📦 Jules ist mit einem Patch fertig, hat aber keinen Pull Request geöffnet. Bitte mit der Schaltfläche darum, veröffentliche die Änderungen auf der Seite in Jules, oder nimm den Patch.',
  unsure: {
    attempts: '❔ Verne hat es dreimal versucht und weiß nicht, ob Jules eine Sitzung geöffnet hat.',
    key: '❔ Verne hatte Jules um eine Sitzung gebeten und keine klare Antwort bekommen, und seitdem ist der Schlüssel weg, sodass es nicht nach ihr sehen kann.',
  },
  unsureNext: `Was Verne nicht freigegeben hat, kann keinen Pull Request öffnen. Sieh auf jules.google.com nach; falls dort nichts läuft, drück auf der Karte auf „${buttons.cancel}“ und verlang es noch einmal mit \`/jules\`.`,
  failed: (why) => `⛔ Aufgabe fehlgeschlagen: ${why}`,
  noReason: 'Es wurde kein Grund genannt.',
  nothing:
    '📭 Jules ist fertig, ohne etwas zu ändern: kein Pull Request, kein Patch. Was es gefunden hat, steht auf der Seite in Jules; verlang es noch einmal mit `/jules`, falls es nicht das ist, was du meintest.',
  closing: {
    ready: (url) => `✅ Fertig. Der PR ist da: ${url}`,
    cancelled: '🚫 Abgebrochen. Was Jules noch tut, steht hier nicht mehr.',
    cancelledBy: (by) => `🚫 Abgebrochen von ${by}. Was Jules noch tut, steht hier nicht mehr.`,
    patch: '📦 Fertig mit einem Patch, ohne Pull Request.',
    failed: (why) => `⛔ Fehlgeschlagen: ${why}`,
    nothing: '📭 Fertig, ohne Änderungen: kein Pull Request, kein Patch.',
  },
};

export const told: Words['told'] = {
  somebody: 'Jemand',
  did: {
    answer: (who) => `✅ ${who} hat Jules geantwortet:`,
    changes: (who) => `✅ ${who} hat von Jules Änderungen am Plan verlangt:`,
    steer: (who) => `✅ ${who} hat Jules gesagt:`,
    follow_up: (who) => `✅ ${who} hat Jules um mehr gebeten:`,
    nudge: (who) => `✅ ${who} hat Jules gefragt, ob es noch arbeitet:`,
    publish: (who) => `✅ ${who} hat Jules um den Pull Request gebeten:`,
  },
  untold: (why) => `⚠️ Das wurde Jules nicht gesagt: ${why}`,
  untoldTo: (who, why) => `⚠️ ${who}, das wurde Jules nicht gesagt: ${why}`,
  patch: {
    head: (number, chars) =>
      `📦 Der letzte Patch von Aufgabe #${number}, ${counted(chars, 'Zeichen', 'Zeichen')}. So machst du damit weiter:`,
    headTo: (who, number, chars) =>
      `📦 ${who} Der letzte Patch von Aufgabe #${number}, ${counted(chars, 'Zeichen', 'Zeichen')}. So machst du damit weiter:`,
    noBase: 'Jules hat nicht gesagt, von welchem Commit es ausging: Wende ihn auf dem Branch der Aufgabe an.',
    masked: (values) =>
      `⚠️ Darin ${plural(values, 'ist', 'sind')} ${counted(values, 'Wert', 'Werte')} verdeckt, weil sie wie Geheimnisse aussehen: So lässt er sich dort nicht anwenden. Ganz ist er auf der Seite in Jules.`,
  },
};

const lost = (number: number, channel: string, why: string) =>
  `⚠️ Die Karte deiner Aufgabe #${number} ließ sich in ${channel} nicht posten: ${why}. Also kann dort niemand sie sehen oder über sie entscheiden. Lass das beheben, und verlang es dann noch einmal mit \`/jules\`.`;
const why = {
  forbidden: 'Verne fehlt das Recht, dort zu schreiben (Kanal ansehen, Nachrichten senden, Links einbetten)',
  channel_gone: 'den Kanal gibt es nicht mehr',
  refused: 'Discord hat es abgelehnt',
};

export const redirected: Words['redirected'] = {
  card: {
    forbidden: (number, channel) => lost(number, channel, why.forbidden),
    channel_gone: (number, channel) => lost(number, channel, why.channel_gone),
    refused: (number, channel) => lost(number, channel, why.refused),
  },
  note: {
    forbidden: (channel) => `Gedacht für ${channel}, aber ${why.forbidden}.`,
    channel_gone: (channel) => `Gedacht für ${channel}, aber ${why.channel_gone}.`,
    refused: (channel) => `Gedacht für ${channel}, aber ${why.refused}.`,
  },
};
