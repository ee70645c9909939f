import { termsOf } from '#discord/words/terms.ts';
import type { Words } from '#discord/words/words.ts';

const { duration } = termsOf('de');

export const gate: Words['gate'] = {
  notInServer:
    'Das geht nur auf einem Server, der Verne hinzugefügt hat. Benutze es dort in einem Kanal, nicht in einer Direktnachricht.',
  deeds: {
    'task.create': 'Aufgaben starten',
    'task.confirm': 'Aufgaben freigeben oder ablehnen',
    'task.cancel': 'die Aufgabe einer anderen Person abbrechen',
    'task.steer': 'Jules etwas zu der Aufgabe einer anderen Person sagen',
    'task.steer_own': 'Jules etwas zu den eigenen Aufgaben sagen',
    'settings.change': 'die Einstellungen dieses Servers ändern',
    'guild.pause': 'Verne auf diesem Server pausieren',
    'limits.raise': 'Limits für andere erhöhen',
    'audit.read': 'das Protokoll lesen',
  },
  anyDeed: 'das',
  notPermitted: (deed, where) => `Das darfst du${where || ' hier'} nicht: ${deed}`,
  onRepo: (place) => ` in ${place}`,
  takesManageServer: 'dafür braucht es die Berechtigung „Server verwalten“. Frag jemanden, der sie hat.',
  noRoles:
    'dafür sind noch keine Rollen festgelegt, also dürfen es nur Personen mit der Berechtigung „Server verwalten“. Eine von ihnen kann mit `/config roles` Rollen festlegen.',
  takesRoles: (roles) =>
    `dafür braucht es eine dieser Rollen: ${roles}. Frag jemanden, der eine davon hat, oder jemanden mit „Server verwalten“, der es mit \`/config roles\` ändert, auch wenn eine davon gelöscht wurde.`,
  pausedBy: (who, since) =>
    `${who} hat Verne auf diesem Server pausiert${since && ` (${since})`}, also beginnt nichts Neues, und es wurde nichts festgehalten. Versuch es nach der Pause wieder; jemand mit „Server verwalten“ beendet sie mit \`/config pause resume:True\`.`,
  pausedEverywhere:
    'Verne ist überall von seinen Betreibern pausiert, also beginnt nichts Neues, und es wurde nichts festgehalten. Versuch es nach der Pause wieder.',
  outOfBounds: {
    repo: (allowed) => `Auf diesem Server arbeitet Jules nur in bestimmten Repositorys: ${allowed}.`,
    branch: (allowed) => `Auf diesem Server arbeitet Jules nur auf bestimmten Branches: ${allowed}.`,
    channel: (allowed) => `Auf diesem Server arbeitet Jules nur aus bestimmten Kanälen: ${allowed}.`,
  },
  chooseInBounds: 'Es wurde nichts festgehalten. Wähle eines davon, oder frag jemanden mit „Server verwalten“.',
  andMore: (left) => `und ${left} weitere`,
  tooFast: {
    person: (waitMs) => `Das war zu schnell, es wurde nichts getan. Versuch es in ${duration(waitMs)} wieder.`,
    server: (waitMs) =>
      `Auf diesem Server wird gerade zu viel auf einmal verlangt, es wurde nichts getan. Versuch es in ${duration(waitMs)} wieder.`,
  },
};
