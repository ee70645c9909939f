import type { Words } from '#discord/words/words.ts';

export const thread: Words['thread'] = {
  forbidden:
    'Verne darf in diesem Kanal keine Threads erstellen (es braucht „Öffentliche Threads erstellen“ und „Nachrichten in Threads senden“).',
  too_many_threads: 'Dieser Server hat so viele aktive Threads, wie Discord erlaubt.',
  refused: 'Discord hat es abgelehnt, einen zu erstellen.',
  locked:
    'Er ist gesperrt oder für Verne geschlossen: Was Jules tut, steht auf der Seite in Jules und folgt im Thread, sobald er wieder offen ist.',
  lost: 'Er war einen Tag lang gesperrt oder für Verne geschlossen, darum fehlt dort ein Teil dessen, was Jules getan hat; alles steht auf der Seite in Jules.',
  gone: 'Er wurde gelöscht: Was Jules getan hat, steht auf der Seite in Jules.',
};
