import type { Stored } from '#discord/words/stored.ts';

const refusedKey = 'Jules lehnt den Schlüssel ab. Gib mit /config key einen gültigen ein und frag dann noch einmal.';
const gaveUp = 'Verne hat diese Aufgabe nach vielen Versuchen aufgegeben';
const operator = 'Wer Verne betreibt, kann es noch einmal versuchen lassen: npm run events -- dead';
const notListed = 'Jules hat nicht gesagt, ob es die Sitzung geöffnet hat, und sie steht nicht in seiner Liste.';

/** What another service answered may end without a full stop. */
const ended = (text: string) => (/[.!?…]$/.test(text) ? text : `${text}.`);

export const stored: Stored = {
  'Jules refused the key. Enter a working one with /config key, then ask again. (…)': (why) => `${refusedKey} (${why})`,
  'Jules refused the key. Enter a working one with /config key, then ask again.': refusedKey,
  'Verne gave up on this task after many tries: … An operator can have it tried again with: npm run events -- dead': (
    why,
  ) => `${gaveUp}: ${ended(why)} ${operator}`,
  'Verne gave up on this task after many tries': gaveUp,
  '… An operator can have it tried again with: npm run events -- dead': (why) => `${ended(why)} ${operator}`,
  'Jules refused the session: …': (why) => `Jules hat die Sitzung abgelehnt: ${why}`,
  'Jules refused the session': 'Jules hat die Sitzung abgelehnt',
  'Jules cannot reach … with this key. Install the Jules GitHub App for it at https://jules.google.com, or choose another repository.':
    (repo) =>
      `Jules erreicht ${repo} mit diesem Schlüssel nicht. Installier dafür die GitHub-App von Jules auf https://jules.google.com, oder wähle ein anderes Repository.`,
  '… has no branch "…" that Jules knows. Ask again with another branch.': (repo, branch) =>
    `${repo} hat keinen Branch „${branch}“, den Jules kennt. Frag noch einmal, mit einem anderen Branch.`,
  'Jules did not say whether it made the session, and it is not in its list. …': (before) => `${notListed} ${before}`,
  'Jules did not say whether it made the session, and it is not in its list.': notListed,
  '… Verne looks whether the session was made.': (why) =>
    `${ended(why)} Verne sieht nach, ob die Sitzung entstanden ist.`,
  'Jules dropped the plan … times before Verne could approve it.': (times) =>
    `Jules hat den Plan ${times}-mal verworfen, bevor Verne ihn freigeben konnte.`,
  'Nobody answered Jules for … hours.': (hours) => `Niemand hat Jules geantwortet, ${hours} Stunden lang.`,
  'Jules gave no sign of life for … hours, last in state ….': (hours, state) =>
    `Jules hat ${hours} Stunden lang kein Lebenszeichen gegeben, zuletzt im Zustand ${state}.`,
  'Jules gave no reason.': 'Jules hat keinen Grund genannt.',
  'The session was deleted at Jules.': 'Die Sitzung wurde bei Jules gelöscht.',
  'The session takes nothing any more: the task was over before Jules could be told.':
    'Die Sitzung nimmt nichts mehr an: Die Aufgabe war vorbei, bevor Jules es erfahren konnte.',
  'Jules did not say whether it was told, three times, and it is not in the session.':
    'Jules hat dreimal nicht gesagt, ob es angekommen ist, und in der Sitzung steht es nicht.',
  'The Jules key of this task was removed or replaced by one of another account.':
    'Der Jules-Schlüssel dieser Aufgabe wurde entfernt oder durch den eines anderen Kontos ersetzt.',
  'The stored Jules key cannot be opened any more: its seal is broken. It must be entered anew.':
    'Der gespeicherte Jules-Schlüssel lässt sich nicht mehr öffnen: Sein Siegel ist gebrochen. Er muss neu eingegeben werden.',
  'Its seal is broken; it must be entered anew.': 'Sein Siegel ist gebrochen; er muss neu eingegeben werden.',
  'Jules failed again and again with this key, and another call looks whether it is back.':
    'Jules ist mit diesem Schlüssel immer wieder ausgefallen, und ein anderer Aufruf sieht nach, ob es wieder da ist.',
  'Jules failed … times in a row with this key, so it is left alone for … seconds.': (times, seconds) =>
    `Jules ist mit diesem Schlüssel ${times}-mal hintereinander ausgefallen, also wird es ${seconds} Sekunden in Ruhe gelassen.`,
  'Jules answered … when asked to …: …': (status, deed, said) =>
    `Jules hat mit ${status} geantwortet, als es ${deed} sollte: ${said}`,
  'Jules answered … when asked to …': (status, deed) => `Jules hat mit ${status} geantwortet, als es ${deed} sollte`,
  'Jules was asked to …, and its answer cannot be read: …': (deed, why) =>
    `Jules sollte ${deed}, und seine Antwort ist nicht zu lesen: ${why}`,
  'Jules could not be asked to …: …': (deed, why) => `Jules sollte ${deed}, war aber nicht zu erreichen: ${why}`,
  'Jules cannot be asked to …: the key holds characters that no key has': (deed) =>
    `Jules sollte ${deed}, kann aber nicht gefragt werden: Der Schlüssel enthält Zeichen, die es in keinem gibt`,
  'Jules was not asked: …': (why) => `Jules wurde nicht gefragt: ${why}`,
  'list sources': 'seine Repositorys auflisten',
  'list sessions': 'seine Sitzungen auflisten',
  'list activities': 'den Verlauf einer Sitzung auflisten',
  'read a session': 'eine Sitzung lesen',
  'create a session': 'eine Sitzung öffnen',
  'approve a plan': 'einen Plan freigeben',
  'send a message': 'eine Nachricht annehmen',
  'archive a session': 'eine Sitzung archivieren',
  'the call was stopped': 'der Aufruf wurde abgebrochen',
  'no answer in time': 'es kam nicht rechtzeitig eine Antwort',
  'others of this account are being created and take long':
    'andere Sitzungen dieses Kontos werden gerade geöffnet, und das dauert',
  'it took too long to begin': 'es dauerte zu lange, bis es anfing',
  'more than … bytes': (most) => `mehr als ${most} Bytes`,
  'more than … pages': (most) => `mehr als ${most} Seiten`,
  'it is not JSON': 'sie ist kein JSON',
  'it is not a page of a list': 'sie ist keine Seite einer Liste',
  'a page leads back to itself': 'eine Seite führt zu sich selbst zurück',
  'it is not what was asked for': 'sie ist nicht das, wonach gefragt war',
};
