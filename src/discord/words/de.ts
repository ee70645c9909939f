import { access } from './de/access.ts';
import { ask } from './de/ask.ts';
import { buttons } from './de/buttons.ts';
import { card, clipped } from './de/card.ts';
import { common } from './de/common.ts';
import { decide } from './de/decide.ts';
import { dialogs } from './de/dialogs.ts';
import { door } from './de/door.ts';
import { face, stuck } from './de/face.ts';
import { gate } from './de/gate.ts';
import { keyNotes } from './de/key-notes.ts';
import { keys } from './de/keys.ts';
import { kin } from './de/kin.ts';
import { language } from './de/language.ts';
import { limits } from './de/limits.ts';
import { notes, outcome, redirected, told } from './de/notes.ts';
import { said } from './de/said.ts';
import { settings } from './de/settings.ts';
import { steer } from './de/steer.ts';
import { delivery, tasks, timeline } from './de/tasks.ts';
import { thread } from './de/thread.ts';
import type { Words } from './words.ts';

export const de: Words = {
  access,
  ask,
  buttons,
  card,
  clipped,
  common,
  decide,
  delivery,
  dialogs,
  door,
  face,
  gate,
  keyNotes,
  keys,
  kin,
  language,
  limits,
  notes,
  outcome,
  redirected,
  said,
  settings,
  steer,
  stuck,
  tasks,
  thread,
  timeline,
  told,
};
