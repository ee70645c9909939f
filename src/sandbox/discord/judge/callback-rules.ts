import type { z } from 'zod';
import type { callbackBody } from '#sandbox/discord/message-body.ts';
import { issue, type Rule, when } from './rule.ts';

type Callback = z.infer<typeof callbackBody>;

export const CALLBACK = {
  MESSAGE: 4,
  DEFERRED_MESSAGE: 5,
  DEFERRED_UPDATE: 6,
  UPDATE: 7,
  CHOICES: 8,
  MODAL: 9,
} as const;

const deferredUpdateHasNoData: Rule<Callback> = ({ type, data }) =>
  when(
    type === CALLBACK.DEFERRED_UPDATE && Object.values(data ?? {}).some((value) => value != null),
    issue(
      ['data'],
      'SANDBOX_IGNORED',
      'Discord would ignore the data of an update that comes later; the sandbox is stricter on purpose.',
    ),
  );

export const CALLBACK_RULES = [deferredUpdateHasNoData];
