import { termsOf } from '#discord/words/terms.ts';
import type { Words } from '#discord/words/words.ts';

const { count, counted, plural } = termsOf('de');

export const settings: Words['settings'] = {
  roles: {
    mayStart: (roles) => `**Dürfen Aufgaben starten:** ${roles}`,
    mayConfirm: (roles) => `**Dürfen freigeben und ablehnen:** ${roles}`,
    nobodyStarts: 'nur Personen mit „Server verwalten“ und alle, die freigeben dürfen',
    nobodyConfirms: 'nur Personen mit „Server verwalten“',
    confirmersStart: 'Wer freigeben darf, darf auch Aufgaben starten; die eigenen beginnen sofort.',
    replacesAll: (most) =>
      `⚠️ In eine Auswahl passen ${count(most)} Rollen: Was du auswählst, ersetzt alle, die festgelegt sind.`,
    select: { create: 'Wer Aufgaben starten darf', confirm: 'Wer Aufgaben freigeben und ablehnen darf' },
  },
  notices: {
    when: {
      role: '**Wenn eine Aufgabe auf eine Entscheidung wartet:** Die Freigabe-Rollen werden erwähnt.',
      people: '**Wenn eine Aufgabe auf eine Entscheidung wartet:** Die Personen unten werden erwähnt.',
      dm: '**Wenn eine Aufgabe auf eine Entscheidung wartet:** Die Personen unten bekommen eine Direktnachricht.',
      nobody: '**Wenn eine Aufgabe auf eine Entscheidung wartet:** Niemand bekommt Bescheid.',
    },
    options: {
      role: { label: 'Die Freigabe-Rollen erwähnen', description: 'Auf der Karte, im Kanal' },
      people: { label: 'Die Personen unten erwähnen', description: 'Auf der Karte, im Kanal' },
      dm: { label: 'Direktnachricht an die Personen unten', description: 'Mit einem Link zur Karte' },
      nobody: { label: 'Niemandem Bescheid geben', description: 'Die Karte steht im Kanal, ohne Erwähnung' },
    },
    people: (people) => `**Personen:** ${people}`,
    noPeople: '**Personen:** keine ausgewählt',
    choosePeople: 'Personen, die freigeben',
    moreDropped: (left) => `und ${count(left)} weitere, die wegfallen, wenn du neu auswählst`,
    noRolesSet:
      '⚠️ Es sind keine Freigabe-Rollen festgelegt, also wird niemand erwähnt. Leg sie mit `/config roles` fest.',
    noPeopleChosen: '⚠️ Es sind keine Personen ausgewählt, also bekommt niemand Bescheid.',
    unknownChoice: 'Diese Auswahl kennt Verne nicht. Öffne `/config notices` noch einmal.',
  },
  approval: {
    startsAfter: (approvals) =>
      `**Eine Aufgabe beginnt nach ${plural(approvals, 'einer Freigabe', `${count(approvals)} Freigaben verschiedener Personen`)}.**`,
    ownStartsAtOnce: 'Wer freigeben darf, startet eigene Aufgaben sofort.',
    ownCounts: 'Wer freigeben darf, dessen eigene Freigabe zählt mit.',
    ownCountsNot: 'Niemand gibt frei, was er selbst verlangt hat.',
    expiresAfter: (hours) =>
      `Eine Aufgabe, über die niemand entscheidet, verfällt nach ${counted(hours, 'Stunde', 'Stunden')}.`,
    plansAreRead: 'Wer freigeben darf, liest jeden Plan, bevor Jules damit arbeitet.',
    plansRun: 'Pläne gibt Verne selbst frei; mit `plan: read` bei `/jules` wird einer vorher gelesen.',
    refusedKey: {
      wait: 'Aufgaben, deren Server-Schlüssel Jules ablehnt, warten auf ihn.',
      move: 'Aufgaben, deren Server-Schlüssel Jules ablehnt und die noch nicht begonnen haben, wechseln zu einem anderen Schlüssel des Servers.',
    },
    change:
      'Ändere es mit den Optionen dieses Befehls. Für Aufgaben, die schon warten, gilt weiter, was bei ihrer Anfrage galt.',
  },
  plans: {
    yours: {
      read: '**Wer freigeben darf, liest die Pläne deiner Aufgaben, bevor sie laufen.**',
      run: '**Die Pläne deiner Aufgaben laufen sofort, wo dieser Server dir das überlässt.**',
      usual: '**Die Pläne deiner Aufgaben werden gelesen oder laufen sofort, wie es dieser Server hält.**',
    },
    serverReads:
      'Dieser Server lässt jeden Plan lesen; nur wer eigene Aufgaben freigeben darf, kann seine ungelesen laufen lassen.',
    serverRuns: 'Dieser Server lässt Pläne laufen.',
    change:
      'Die Option `plan` von `/jules` geht für eine einzelne Aufgabe vor. Ändere es mit der Option dieses Befehls.',
  },
  repo: {
    at: (repo, branch) => `${repo} @ ${branch}`,
    atDefault: (repo) => `${repo} @ Standard-Branch`,
    notSet: 'nicht festgelegt',
    order: 'Ohne die Option `repo` gilt das erste von diesen, das festgelegt ist:',
    yours: (choice) => `1. **Deines:** ${choice}`,
    channels: (choice) => `2. **Das dieses Kanals:** ${choice}`,
    servers: (choice) => `3. **Das des Servers:** ${choice}`,
    used: (choice) => `Eine Aufgabe von dir arbeitet hier also an ${choice}.`,
    noneUsed: 'Keines ist festgelegt, also muss eine Aufgabe eines nennen.',
    bothNamed: 'Nenn entweder ein Repository oder vergiss das festgelegte, nicht beides. Es wurde nichts geändert.',
    branchAlone: 'Ein Branch braucht sein Repository: Nenn beide. Es wurde nichts geändert.',
    forMe: ' Oder leg eines nur für dich fest, mit der Option `scope: me`.',
    channelsWith: 'Kanäle mit eigenem Repository:',
    noChannel: 'Kein Kanal hat ein eigenes Repository.',
  },
  chosen: {
    option: { you: 'wie von dir genannt', all: 'wie in der Anfrage genannt' },
    person: { you: 'dein Standard', all: 'Standard der anfragenden Person' },
    channel: { you: 'Standard dieses Kanals', all: 'Standard dieses Kanals' },
    server: { you: 'Standard des Servers', all: 'Standard des Servers' },
  },
  pause: {
    begun: (who, since) =>
      `⏸️ ${who} hat Verne auf diesem Server pausiert${since && ` (${since})`}. Bei Jules beginnt nichts Neues, und kein Plan wird freigegeben; woran Jules schon arbeitet, läuft dort weiter, und Abbrechen beendet es nach wie vor. Beende die Pause mit \`/config pause resume:True\`.`,
    everywhere:
      '⏸️ Wer Verne betreibt, hat es überall pausiert, also beginnt nichts Neues, bis auch diese Pause beendet ist.',
    overHere: 'Die Pause dieses Servers ist vorbei.',
    over: '▶️ Verne arbeitet auf diesem Server wieder. Was gewartet hat, läuft weiter.',
  },
};
