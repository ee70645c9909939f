import { termsOf } from '#discord/words/terms.ts';
import type { Words } from '#discord/words/words.ts';
import { buttons } from './buttons.ts';

const { count, plural } = termsOf('de');

/** Within a sentence, and where one begins. */
const press = (label: string) => `drück auf „${label}“`;
const pressFirst = (label: string) => `Drück auf „${label}“`;

const capital = (words: string) => words.charAt(0).toUpperCase() + words.slice(1);

const WAITING = '⏳ Wartet auf Freigabe…';
const MAY_APPEAR = 'ein Pull Request, der fast fertig war, kann trotzdem noch erscheinen.';
const PLAN_EXPIRED = 'Der Plan der letzten Sitzung verfiel, bevor Verne ihn freigeben konnte';
const AGAIN_SOON = `${pressFirst(buttons.planAgain)}, wenn jemand da ist, der den nächsten bald liest, oder auf „${buttons.cancel}“.`;
const GONE = 'Jemand hat sie dort gelöscht, oder Jules hat sie vergessen, also arbeitet niemand mehr an der Aufgabe.';
const orCancel = `oder ${press(buttons.cancel)}`;
const ifNothingRuns = `${press(buttons.cancel)} und verlang es noch einmal mit \`/jules\``;

export const face: Words['face'] = {
  pending: {
    title: '🧠 Neue Aufgabe für Jules',
    one: `${WAITING} Es läuft nichts, bis jemand, der freigeben darf, auf „${buttons.confirm}“ drückt.`,
    noneYet: (needed) =>
      `${WAITING} Es läuft nichts, bis ${count(needed)} verschiedene Personen, die freigeben dürfen, auf „${buttons.confirm}“ drücken; bisher hat es niemand getan.`,
    oneSoFar: (needed) =>
      `${WAITING} Es läuft nichts, bis ${count(needed)} verschiedene Personen, die freigeben dürfen, auf „${buttons.confirm}“ drücken; eine hat es schon getan.`,
    moreSoFar: (needed, given) =>
      `${WAITING} Es läuft nichts, bis ${count(needed)} verschiedene Personen, die freigeben dürfen, auf „${buttons.confirm}“ drücken; ${count(given)} haben es schon getan.`,
  },
  paused: {
    confirmed: '⏸️ Freigegeben, aber Verne ist pausiert',
    queued: 'Sie wartet ohne Platz in der Warteschlange; es geht weiter, wenn die Pause vorbei ist.',
    opensNothing: {
      here: 'Verne ist auf diesem Server pausiert, also wird bei Jules nichts geöffnet. Nach der Pause geht es von selbst weiter.',
      everywhere:
        'Verne ist überall von seinen Betreibern pausiert, also wird bei Jules nichts geöffnet. Nach der Pause geht es von selbst weiter.',
    },
    planReady: '⏸️ Plan fertig, aber Verne ist pausiert',
    approvesLater: {
      here: 'Verne ist auf diesem Server pausiert und gibt den Plan nach der Pause frei; falls Jules ihn bis dahin verworfen hat, in einer neuen Sitzung.',
      everywhere:
        'Verne ist überall von seinen Betreibern pausiert und gibt den Plan nach der Pause frei; falls Jules ihn bis dahin verworfen hat, in einer neuen Sitzung.',
    },
  },
  queued: {
    title: '⏳ Freigegeben, wartet, bis sie dran ist',
    again: `${PLAN_EXPIRED}.`,
    place: (place) => `Platz ${count(place)} in der Warteschlange.`,
    placeAndWait: (place, wait) => `Platz ${count(place)} in der Warteschlange, noch etwa ${wait}.`,
    starts: {
      at_once: 'Sie beginnt von selbst, wenn eine der Sitzungen endet, die mit diesem Jules-Schlüssel laufen.',
      per_day:
        'Sie beginnt von selbst, wenn dieser Jules-Schlüssel wieder eine Aufgabe starten darf; sein Limit gilt für je 24 Stunden.',
      key: 'Sie beginnt von selbst, wenn Jules ihren Schlüssel wieder annimmt.',
    },
    startsOtherwise: 'Sie beginnt von selbst, sobald die Limits des Jules-Schlüssels es zulassen.',
  },
  opening: {
    title: '🛠 Entwicklung läuft… Sitzung wird geöffnet',
    first: 'Verne öffnet eine Sitzung bei Jules.',
    again: `${PLAN_EXPIRED}, also öffnet Verne noch eine Sitzung bei Jules.`,
  },
  unsure: {
    title: '⚠️ Unsicher, ob Jules angefangen hat',
    why: {
      attempts:
        'Drei Versuche, eine Sitzung zu öffnen, blieben ohne klare Antwort, und es fand sich keine Sitzung zu dieser Aufgabe.',
      key: 'Ein Versuch, eine Sitzung zu öffnen, blieb ohne klare Antwort, und der Jules-Schlüssel ist inzwischen weg, sodass Verne die Sitzung nicht suchen kann.',
    },
    sentence: (who) =>
      `Nichts wird von selbst wiederholt. ${who} oder jemand, der freigeben darf: Sieh auf jules.google.com nach; falls dort nichts läuft, ${ifNothingRuns}.`,
  },
  planning: {
    title: '🛠 Entwicklung läuft… Jules plant',
    sentence: 'Jules liest das Repository und macht einen Plan.',
  },
  planReview: {
    title: '📝 Der Plan wartet auf dich',
    there: `Jules macht weiter, sobald jemand, der freigeben darf, den Plan gelesen hat und auf „${buttons.approvePlan}“ drückt; oder verlang Änderungen. Jules behält einen Plan etwa zehn Minuten lang; danach muss es neu planen.`,
    fetched: 'Jules hat einen Plan, den Verne gerade holt.',
  },
  planExpired: {
    title: '⌛ Der Plan wurde nicht rechtzeitig freigegeben',
    late: (approver) =>
      `${approver} hat ihn freigegeben, aber Jules behält einen Plan nur etwa zehn Minuten lang und hatte ihn da schon verworfen. Es ist nichts gelaufen. ${AGAIN_SOON}`,
    never: `Jules behält einen Plan nur etwa zehn Minuten lang, und niemand hat diesen freigegeben. Es ist nichts gelaufen. ${AGAIN_SOON}`,
  },
  approving: {
    title: '🛠 Entwicklung läuft… Plan fertig',
    sentence: 'Jules hat einen Plan; Verne gibt ihn frei.',
  },
  working: {
    title: '🛠 Entwicklung läuft… Jules arbeitet',
    titleAt: (step, of) => `🛠 Entwicklung läuft… Schritt ${count(step)} von ${count(of)}`,
    sentence: (who) => `Jules arbeitet nach dem Plan. ${who} erfährt in diesem Kanal, was daraus wird.`,
  },
  resumed: {
    title: '▶️ Jules hat sie wieder aufgenommen',
    titleAt: (step, of) => `▶️ Jules hat sie wieder aufgenommen, Schritt ${count(step)} von ${count(of)}`,
    sentence: (who) =>
      `Jules war fertig und macht in derselben Sitzung weiter. ${who} erfährt in diesem Kanal, was daraus wird.`,
  },
  needsInput: {
    title: '❓ Jules hat eine Frage',
    sentence: (who) =>
      `Jules wartet auf eine Antwort und tut bis dahin nichts. ${who}: ${pressFirst(buttons.answer)} oder antworte auf der Seite in Jules.`,
  },
  stopped: {
    title: '⏸️ Jules macht Pause',
    sentence: (who) =>
      `Jules hat aufgehört, ohne zu sagen warum. ${who}: Sieh auf der Seite in Jules nach. Falls es dort nicht weitergeht, ${ifNothingRuns}.`,
    withButton: (who) =>
      `Jules hat aufgehört, ohne zu sagen warum. ${who}: Sieh auf der Seite in Jules nach (Schaltfläche „${buttons.openInJules}“). Falls es dort nicht weitergeht, ${ifNothingRuns}.`,
  },
  finishing: {
    title: '🏁 Jules sagt, es ist fertig',
    sentence: 'Verne wartet noch ein wenig auf den Pull Request, der vielleicht noch unterwegs ist.',
  },
  unknown: {
    title: '❔ Jules ist in einem Zustand, den Verne nicht kennt',
    sentence: (state) =>
      `Jules nennt ihn „${state}“. Verne sieht weiter nach; sobald es ein bekannter ist, geht es weiter. Auf der Seite in Jules steht vielleicht mehr.`,
    nameless: '(ohne Namen)',
  },
  ending: {
    title: '🛠 Entwicklung läuft… Sitzung endet',
    sentence: 'Jules hat seine Sitzung beendet; Verne hält fest, was daraus geworden ist.',
  },
  heldUp: {
    title: '⚠️ Die Entwicklung stockt',
    sentence:
      'Etwas steht im Weg; was es ist und was hilft, steht unten. Die Aufgabe bleibt erhalten, und es geht weiter, sobald das möglich ist.',
  },
  pr: {
    title: (pull) => `✅ PR fertig: ${pull}`,
    byJules: (url) =>
      `Jules ist fertig und hat einen Pull Request geöffnet: ${url}\nPrüf ihn dort; Verne mergt nichts.`,
    byReport: (url) => `Eine Meldung an Verne nannte den Pull Request: ${url}\nPrüf ihn dort; Verne mergt nichts.`,
  },
  patch: {
    title: '📦 Fertig mit einem Patch, ohne Pull Request',
    sentence: (who, ways) => `Jules hat etwas geändert, aber keinen Pull Request geöffnet. ${who}: ${capital(ways)}.`,
    ways: {
      ask: press(buttons.publish),
      publish: 'veröffentliche die Änderungen auf der Seite in Jules',
      publishByButton: `veröffentliche die Änderungen auf der Seite in Jules (Schaltfläche „${buttons.openInJules}“)`,
      take: `${press(buttons.getPatch)} und wende ihn selbst an`,
      takeThere: 'hol dir den Patch dort',
    },
    or: (one, other) => `${one} oder ${other}`,
  },
  nothing: {
    title: '📭 Fertig, ohne Änderungen',
    sentence:
      'Jules hat seine Sitzung ohne Pull Request und ohne Patch beendet. Was es gefunden hat, steht auf der Seite in Jules.',
  },
  rejected: {
    title: '❌ Aufgabe abgelehnt',
    sentence: (who) => `Es ist nichts gelaufen. ${who} kann es noch einmal mit \`/jules\` verlangen.`,
  },
  cancelled: {
    title: '🚫 Aufgabe abgebrochen',
    by: (by) => `Abgebrochen von ${by}.`,
    byNobody: 'Abgebrochen.',
    archives: `Verne archiviert ihre Sitzung, denn nur so lässt sich Jules anhalten; ${MAY_APPEAR}`,
    archived: `Ihre Sitzung ist archiviert, denn nur so lässt sich Jules anhalten; ${MAY_APPEAR}`,
    unrun: 'Es ist nichts gelaufen.',
  },
  failed: {
    title: '⛔ Aufgabe fehlgeschlagen',
    underWay:
      'Sie wurde nicht fertig. Auf der Seite in Jules steht vielleicht mehr; sieh dort nach, und verlang es dann noch einmal mit `/jules`. Ein Pull Request, der später auftaucht, erscheint trotzdem hier.',
    unbegun:
      'Jules hat nicht angefangen, also ist nichts gelaufen. Behebe, was unten steht, und verlang es dann noch einmal mit `/jules`.',
  },
  deleted: {
    title: '🗑️ Die Sitzung wurde bei Jules gelöscht',
    kept: `${GONE} Ihr letzter Patch ist noch da: ${pressFirst(buttons.getPatch)}.`,
    lost: `${GONE} Ein Patch ihrer Arbeit wurde nicht aufbewahrt.`,
  },
  expired: {
    title: '⌛ Aufgabe verfallen',
    nobody: (who) =>
      `Niemand hat rechtzeitig entschieden; es ist nichts gelaufen. ${who} kann es noch einmal mit \`/jules\` verlangen.`,
    tooFew: ({ given, needed }, who) =>
      `Nur ${count(given)} von ${count(needed)} Freigaben ${plural(given, 'kam', 'kamen')} rechtzeitig; es ist nichts gelaufen. ${who} kann es noch einmal mit \`/jules\` verlangen.`,
  },
  whyExpired: {
    nobody: 'niemand hat rechtzeitig entschieden',
    tooFew: (given, needed) =>
      `nur ${count(given)} von ${count(needed)} Freigaben ${plural(given, 'kam', 'kamen')} rechtzeitig`,
  },
};

const orApprover = (who: string) => `${who} oder jemand, der freigeben darf`;
const wait = (who: string) => `${orApprover(who)}: Warte ein wenig`;
const PAGE = 'sieh auf der Seite in Jules nach';
const NUDGED = 'Jules wurde gefragt, ob es noch arbeitet, und hat noch nicht geantwortet.';
const PUBLISHED = 'Jules wurde um den Pull Request gebeten und hat noch nicht geantwortet.';

export const stuck: Words['stuck'] = {
  title: '🔇 Jules schweigt',
  titlePlanning: '🔇 Jules schweigt und hat noch keinen Plan',
  titlePaused: '⏸️ Jules macht Pause',
  titleDone: '🏁 Jules wirkt fertig, aber ohne Pull Request',
  since: {
    planning: (since) => `Das letzte Lebenszeichen von Jules war ${since}, obwohl es gerade planen sollte.`,
    working: (since) => `Das letzte Lebenszeichen von Jules war ${since}, obwohl es arbeiten sollte.`,
    unknown: (since) =>
      `Das letzte Lebenszeichen von Jules war ${since}, und es ist in einem Zustand, den Verne nicht kennt.`,
    paused: (since) => `Jules hat ${since} aufgehört, ohne zu sagen warum, und nicht von selbst weitergemacht.`,
    done: (since) =>
      `Jules hat ${since} gesagt, es sei fertig, aber seine Sitzung endet nicht, und es gibt keinen Pull Request.`,
  },
  nudge: {
    page: (who) =>
      `${orApprover(who)}: ${pressFirst(buttons.nudge)} (das fragt, ob Jules noch arbeitet), ${PAGE} ${orCancel}.`,
    noPage: (who) =>
      `${orApprover(who)}: ${pressFirst(buttons.nudge)} (das fragt, ob Jules noch arbeitet) ${orCancel}.`,
  },
  nudged: {
    page: (who) => `${NUDGED} ${wait(who)}, ${PAGE} ${orCancel}.`,
    noPage: (who) => `${NUDGED} ${wait(who)} ${orCancel}.`,
  },
  publish: {
    page: (who) => `${orApprover(who)}: ${pressFirst(buttons.publish)}, ${PAGE} ${orCancel}.`,
    noPage: (who) => `${orApprover(who)}: ${pressFirst(buttons.publish)} ${orCancel}.`,
  },
  published: {
    page: (who) => `${PUBLISHED} ${wait(who)}, ${PAGE} ${orCancel}.`,
    noPage: (who) => `${PUBLISHED} ${wait(who)} ${orCancel}.`,
  },
  told: {
    silent: (task, since) => `🔇 Jules schweigt zu ${task}: Das letzte Lebenszeichen war ${since}.`,
    planning: (task, since) =>
      `🔇 Jules schweigt zu ${task}: Das letzte Lebenszeichen war ${since}, und es gibt noch keinen Plan.`,
    paused: (task, since) =>
      `⏸️ Jules hat die Arbeit an ${task} ${since} eingestellt, ohne zu sagen warum, und nicht von selbst weitergemacht.`,
    done: (task, since) =>
      `🏁 Jules hat ${since} gesagt, es sei mit ${task} fertig, aber seine Sitzung endet nicht, und es gibt keinen Pull Request.`,
  },
};
