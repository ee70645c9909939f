import type { CustomIdVerb } from '#discord/custom-id.ts';
import { asking, edit, editing, retry, retrying } from './ask.ts';
import { cancel, confirm, reject, rejectReason } from './decide.ts';
import { followAnew, following, followingAnew, followUp } from './follow.ts';
import { key, keyAdd, keyEnter, keyKeep, keyRemove, keyRevoke } from './key.ts';
import { delivery, again as sendAgain, tasks, timeline } from './pages.ts';
import type { Button } from './press.ts';
import { prompt } from './prompt.ts';
import { notice, roles } from './settings.ts';
import { again, answer, answering, approve, askChanges, changes, goOn, reply, replying, youDecide } from './steer.ts';
import { getPatch, nudge, publish } from './stuck.ts';

/** Every custom id that Verne writes has its handler here, and only those. */
export const BUTTONS: { readonly [Verb in CustomIdVerb]: Button<Verb> } = {
  asking,
  confirm,
  edit,
  editing,
  retry,
  retrying,
  reject,
  'reject-reason': rejectReason,
  cancel,
  prompt,
  approve_plan: approve,
  ask_changes: askChanges,
  changes,
  plan_again: again,
  answer,
  'go-on': goOn,
  'you-decide': youDecide,
  answering,
  reply,
  replying,
  nudge,
  publish,
  get_patch: getPatch,
  follow_up: followUp,
  following,
  'follow-anew': followAnew,
  'following-anew': followingAnew,
  roles,
  notice,
  key,
  'key-enter': keyEnter,
  'key-add': keyAdd,
  'key-remove': keyRemove,
  'key-revoke': keyRevoke,
  'key-keep': keyKeep,
  tasks,
  timeline,
  delivery,
  'send-again': sendAgain,
};
