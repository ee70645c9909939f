import type { CustomIdVerb } from '#discord/custom-id.ts';
import { cancel, confirm, reject, rejectReason } from './decide.ts';
import { key, keyAdd, keyEnter, keyKeep, keyRemove, keyRevoke } from './key.ts';
import type { Button } from './press.ts';
import { prompt } from './prompt.ts';
import { notice, roles } from './settings.ts';
import {
  again,
  answer,
  answering,
  approve,
  askChanges,
  changes,
  following,
  followUp,
  goOn,
  reply,
  replying,
  youDecide,
} from './steer.ts';

/** Every custom id that Verne writes has its handler here, and only those. */
export const BUTTONS: { readonly [Verb in CustomIdVerb]: Button<Verb> } = {
  confirm,
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
  follow_up: followUp,
  following,
  roles,
  notice,
  key,
  'key-enter': keyEnter,
  'key-add': keyAdd,
  'key-remove': keyRemove,
  'key-revoke': keyRevoke,
  'key-keep': keyKeep,
};
