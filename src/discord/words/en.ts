import { access } from './en/access.ts';
import { common } from './en/common.ts';
import { door } from './en/door.ts';
import { gate } from './en/gate.ts';
import { keys } from './en/keys.ts';
import { language } from './en/language.ts';
import { limits } from './en/limits.ts';
import { said } from './en/said.ts';
import { settings } from './en/settings.ts';
import { delivery, tasks, timeline } from './en/tasks.ts';
import { thread } from './en/thread.ts';

export const en = {
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
