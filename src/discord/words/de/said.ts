import type { Words } from '#discord/words/words.ts';
import { buttons } from './buttons.ts';

export const said: Words['said'] = {
  untold: 'Das wurde Jules nicht gesagt.',
  nothing: 'Darin ist nichts, was Jules gesagt werden kann: Es bekommt Text und Textdateien.',
  planExpired: `Jules hat seinen Plan verworfen, weil niemand ihn rechtzeitig freigegeben hat, also ist niemand da, der es hört. Drück auf der Karte auf „${buttons.planAgain}“ und schreib es dann noch einmal.`,
  leftThread:
    'Die Karte dieser Aufgabe wurde anderswo neu gesendet und hat dort ihren Thread, also erfährt Jules von hier nichts mehr. Schreib es in den Thread unter der Karte.',
  leftOut: {
    large: (files) => `${files} ging nicht an Jules: Textdateien dürfen zusammen 100 KB haben.`,
    not_text: (files) => `${files} ging nicht an Jules: Es bekommt nur Textdateien (UTF-8).`,
    unread: (files) => `${files} ging nicht an Jules: Discord hat es nicht herausgegeben. Schick es noch einmal.`,
  },
};
