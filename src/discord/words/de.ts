import { access } from './de/access.ts';
import { common } from './de/common.ts';
import { door } from './de/door.ts';
import { gate } from './de/gate.ts';
import { keys } from './de/keys.ts';
import { language } from './de/language.ts';
import { limits } from './de/limits.ts';
import { said } from './de/said.ts';
import { settings } from './de/settings.ts';
import { delivery, tasks, timeline } from './de/tasks.ts';
import { thread } from './de/thread.ts';
import type { Words } from './words.ts';

export const de: Words = {
  access,
  common,
  delivery,
  door,
  gate,
  keys,
  language,
  limits,
  said,
  settings,
  tasks,
  thread,
  timeline,
};
