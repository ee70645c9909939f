import type { Words } from '#discord/words/words.ts';

export const dialogs: Words['dialogs'] = {
  task: {
    titles: {
      ask: 'Jules beauftragen',
      retry: (number) => `Aufgabe #${number} noch einmal`,
      edit: (number) => `Aufgabe #${number} bearbeiten`,
    },
    prompt: { label: 'Was Jules tun soll', placeholder: 'Repariere den fehlschlagenden Login-Test' },
    more: {
      label: 'Der Rest davon',
      about: (field, both) => `In ein Feld passen ${field} Zeichen; beide zusammen dürfen ${both} haben.`,
      placeholder: 'Leer gelassen: nichts weiter',
    },
    repo: { label: 'Repository', about: (repo, from) => `Leer gelassen: ${repo} (${from})` },
    branch: {
      label: 'Branch, von dem es losgeht',
      placeholder: (branch) => `Leer gelassen: ${branch}`,
      defaultPlaceholder: 'Leer gelassen: der Standard-Branch',
    },
    plan: {
      label: 'Ihr Plan',
      usualLabel: 'Wie bei dir üblich, sonst wie auf dem Server',
      readLabel: 'Wer freigeben darf, liest ihn, bevor er läuft',
      runLabel: 'Er läuft sofort, wo der Server dir das überlässt',
    },
  },
  masked: 'Was wie ein Geheimnis aussieht, ist hier verdeckt; wo es gebraucht wird, schreib es neu.',
  reject: {
    title: 'Diese Aufgabe ablehnen',
    label: 'Grund',
    about: 'Wer die Aufgabe verlangt hat, erfährt ihn in einer Direktnachricht.',
    placeholder: 'Warum es nicht gemacht werden soll, oder was zu ändern ist',
  },
  answer: { title: 'Jules antworten', label: 'Deine Antwort', placeholder: 'Was Jules wissen oder tun soll' },
  changes: {
    title: 'Änderungen am Plan verlangen',
    label: 'Was sich ändern soll',
    placeholder: 'Zum Beispiel: Lass Schritt 3 weg und schreib zuerst die Tests',
  },
  reply: {
    title: 'Jules etwas sagen',
    label: 'Nachricht',
    placeholder: 'Was es anders machen oder sich ansehen soll',
  },
  follow: {
    title: (number) => `Aufgabe #${number} weiterführen`,
    label: 'Was noch zu tun ist',
    placeholder: 'Zum Beispiel: Ergänze einen Test für die leere Liste',
    where: {
      label: 'Wo',
      same: { label: 'In derselben Sitzung', about: 'Jules macht sofort weiter, auf demselben Branch.' },
      anew: {
        label: 'Als neue Aufgabe',
        about: 'Mit eigener Karte, freizugeben wie jede andere. Sie nennt den Pull Request.',
      },
    },
    about: {
      onlyNew: 'Die Sitzung geht nicht weiter; das wird eine neue Aufgabe, die den Pull Request nennt.',
      onlySame: 'Jules macht in derselben Sitzung weiter, auf demselben Branch.',
      isCut: 'Hier passt nur der Anfang hinein; die Datei enthält alles.',
    },
  },
};
