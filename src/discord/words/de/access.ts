import { termsOf } from '#discord/words/terms.ts';
import type { Words } from '#discord/words/words.ts';

const { count } = termsOf('de');

export const access: Words['access'] = {
  canI: {
    onlyIn: (deed, places) => `❌ ${deed}: nur ${places}`,
    takes: (deed, roles) => `❌ ${deed}: braucht ${roles}`,
    may: (deed, by) => `✅ ${deed} (durch ${by})`,
    mayIn: (deed, by, places) => `✅ ${deed} (durch ${by}; nur ${places})`,
    inChannel: (channel) => `in ${channel}`,
    morePlaces: (left) => `${count(left)} weitere`,
    youAre: (roles) => `Deine Rollen hier: ${roles}.`,
    youMay: (where) => `Das darfst du hier${where}:`,
    budget: (limits) => `Dein Aufgaben-Budget hier: ${limits}.`,
    noBudget: 'Kein Aufgaben-Budget begrenzt dich hier.',
    perDay: (tasks) => `${count(tasks)} in 24 Stunden`,
    atOnce: (tasks) => `${count(tasks)} gleichzeitig offen`,
    paused: (who, since) => `⏸️ ${who} hat Verne hier pausiert${since && ` (${since})`}: Es beginnt nichts Neues.`,
    pausedEverywhere: '⏸️ Wer Verne betreibt, hat es überall pausiert: Es beginnt nichts Neues.',
    outOfBounds: {
      repo: '⚠️ Keine Aufgaben von hier: Dieses Repository gehört nicht zu denen, die der Server erlaubt.',
      branch: '⚠️ Keine Aufgaben von hier: Dieser Branch gehört nicht zu denen, die der Server erlaubt.',
      channel: '⚠️ Keine Aufgaben von hier: Dieser Kanal gehört nicht zu denen, die der Server erlaubt.',
    },
  },
  grants: {
    to: (role, may) => `• ${role}: ${may}`,
    onRepo: (repo) => `auf ${repo}`,
    onBranch: (branch) => `Branch ${branch}`,
    inChannel: (channel) => `in ${channel}`,
    head: 'Neben den Rollen von `/config roles` dürfen hier handeln:',
    nobodyElse: '• niemand sonst',
    whatRolesMay:
      '`admin` darf alles; `release_mgr` startet Aufgaben, gibt sie frei, bricht sie ab und erhöht Limits; `developer` startet Aufgaben; `viewer` schaut zu. Was auf einen Ort beschränkt ist, gilt nur für Aufgaben dort.',
    noSuchOperation: (known) => `Diese Operation gibt es nicht, also wurde nichts geändert. Es gibt: ${known}.`,
    notLimited:
      'Das wirkt auf den ganzen Server und lässt sich darum nicht nur für ein Repository, einen Branch oder einen Kanal gewähren. Lass diese Optionen weg. Es wurde nichts geändert.',
    half: 'Nenn die Rolle und auch, was sie darf. Es wurde nichts geändert.',
    wasNotGranted: 'Genau das war nicht gewährt; es wurde nichts geändert.',
    wasGranted: 'Das war schon gewährt.',
  },
  full: (most) =>
    `Ein Server hat Platz für ${count(most)} davon, also wurde nichts geändert. Nimm zuerst etwas mit \`take_back\` zurück.`,
  bounds: {
    head: 'Egal, wer sie verlangt: Aufgaben dieses Servers halten sich an Folgendes:',
    all: { repo: '**Repositorys:** alle', branch: '**Branches:** alle', channel: '**Kanäle:** alle' },
    only: {
      repo: (allowed) => `**Repositorys:** nur ${allowed}`,
      branch: (allowed) => `**Branches:** nur ${allowed}`,
      channel: (allowed) => `**Kanäle:** nur ${allowed}`,
    },
    nothingNamed: 'Nenn, was weggenommen werden soll: ein Repository, einen Branch oder einen Kanal.',
    wasNotListed: 'Das stand nicht auf der Liste; es wurde nichts geändert.',
    wasListed: 'Das war schon so.',
  },
};
