import { termsOf } from '#discord/words/terms.ts';
import type { Words } from '#discord/words/words.ts';
import { buttons } from './buttons.ts';

const { counted } = termsOf('de');

const away = 'Die Datenbank hat nicht rechtzeitig geantwortet.';
const pressAgain = `Nicht festgehalten: ${away} Drück in einer Minute noch einmal; auf der Karte steht, ob es gezählt hat.`;

export const door: Words['door'] = {
  noPerson: 'Discord hat nicht gesagt, wer fragt. Versuch es noch einmal.',
  notHere:
    'Was du genannt hast, gibt es auf diesem Server nicht, also wurde nichts getan. Wähle eine Rolle, einen Kanal oder eine Person aus der Liste.',
  unknownCommand:
    'Diesen Befehl kennt Verne nicht mehr. Lade Discord neu (Strg+R, oder starte die App neu) und versuch es noch einmal.',
  unknownButton:
    'Diese Schaltfläche kennt Verne nicht mehr; sie gehört zu einer anderen Version. Benutze die neueste Nachricht, oder frag neu mit `/jules`.',
  outdatedCommand:
    'Discord hat eine andere Version dieses Befehls geschickt. Lade Discord neu (Strg+R, oder starte die App neu) und versuch es noch einmal.',
  secretInOption:
    'Was du eingegeben hast, sieht wie ein Schlüssel oder ein Passwort aus, also wurde nichts getan und nichts davon aufgehoben. Falls es eines ist, widerruf es dort, wo es herkommt. Ein Jules-Schlüssel gehört in den Dialog von `/config key`, nirgendwohin sonst.',
  serviceAway: (service) => `Nicht getan: ${service} hat nicht geantwortet. Versuch es in einer Minute noch einmal.`,
  defect: (reference) =>
    `In Verne ist etwas kaputtgegangen, du hast nichts falsch gemacht. Versuch es noch einmal; wenn es so bleibt, nenn dem Betreiber die Referenz ${reference}.`,
  whatYouWrote: 'Das hast du geschrieben:',
  doesNotFit: (chars) => `… ${counted(chars, 'Zeichen', 'Zeichen')} mehr, als in eine Nachricht passen`,
  noText:
    'In dieser Nachricht steht kein Text, den Jules bekommen könnte, also wurde nichts festgehalten. Beschreib mit `/jules`, was sie zeigt.',
  notRecorded: {
    commands: {
      'task.create': `Nicht festgehalten: ${away} Frag in einer Minute noch einmal; falls doch eine Karte erscheint, zählt es.`,
      'settings.read': `Nicht angezeigt: ${away} Frag in einer Minute noch einmal.`,
      'settings.change': `Nicht festgehalten: ${away} Versuch es in einer Minute noch einmal; ohne Optionen zeigt der Befehl, was gilt.`,
    },
    presses: {
      'task.confirm': pressAgain,
      'task.cancel': pressAgain,
      'task.read': `Nicht angezeigt: ${away} Drück in einer Minute noch einmal.`,
      'settings.read': `Nicht angezeigt: ${away} Drück in einer Minute noch einmal.`,
      'settings.change': `Nicht festgehalten: ${away} Öffne diese Einstellung in einer Minute wieder mit \`/config\`; sie zeigt, was gezählt hat.`,
    },
    modals: {
      'task.confirm': `Nicht festgehalten: ${away} Drück in einer Minute noch einmal auf „${buttons.reject}“ und schreib den Grund neu; auf der Karte steht, ob es gezählt hat.`,
      'settings.change': `Nicht festgehalten: ${away} Sieh in einer Minute mit \`/config key\` nach, welcher Schlüssel gespeichert ist. Gib deinen noch einmal ein, falls es ein anderer ist.`,
    },
    others: `Nicht festgehalten: ${away} Versuch es in einer Minute noch einmal.`,
  },
  target: {
    noBranch: {
      changed: (repo, branch) => `${repo} hat keinen Branch ${branch}, also wurde nichts geändert.`,
      recorded: (repo, branch) => `${repo} hat keinen Branch ${branch}, also wurde nichts festgehalten.`,
    },
    branches: (some) => `Es hat zum Beispiel: ${some}.`,
    chooseBranch: 'Wähle einen aus der Liste, oder lass den Branch weg.',
    noRepo: {
      changed: (repo) => `Der benutzte Jules-Schlüssel erreicht ${repo} nicht, also wurde nichts geändert.`,
      recorded: (repo) => `Der benutzte Jules-Schlüssel erreicht ${repo} nicht, also wurde nichts festgehalten.`,
    },
    repos: (some) => `Er erreicht zum Beispiel: ${some}.`,
    noRepos: 'Er erreicht gar keines.',
    chooseRepo:
      'Wähle eines aus der Liste, oder verbinde das Repository auf jules.google.com und versuch es in einer Minute noch einmal.',
  },
  place: {
    permissions: {
      see: '„Kanal ansehen“',
      send: '„Nachrichten senden“',
      sendInThreads: '„Nachrichten in Threads senden“',
      embed: '„Links einbetten“',
      makeThreads: '„Öffentliche Threads erstellen“',
    },
    noThreadHere: (missing) =>
      `⚠️ Ich kann hier keinen Thread öffnen (es fehlt: ${missing}), also steht der Fortschritt nur auf der Karte.`,
  },
};
