import { access } from './en/access.ts';
import { ask } from './en/ask.ts';
import { buttons } from './en/buttons.ts';
import { card, clipped } from './en/card.ts';
import { common } from './en/common.ts';
import { decide } from './en/decide.ts';
import { dialogs } from './en/dialogs.ts';
import { door } from './en/door.ts';
import { face, stuck } from './en/face.ts';
import { gate } from './en/gate.ts';
import { keyNotes } from './en/key-notes.ts';
import { keys } from './en/keys.ts';
import { kin } from './en/kin.ts';
import { language } from './en/language.ts';
import { limits } from './en/limits.ts';
import { notes, outcome, redirected, told } from './en/notes.ts';
import { said } from './en/said.ts';
import { settings } from './en/settings.ts';
import { steer } from './en/steer.ts';
import { delivery, tasks, timeline } from './en/tasks.ts';
import { thread } from './en/thread.ts';

export const en = {
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
