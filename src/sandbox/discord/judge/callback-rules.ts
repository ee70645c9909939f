import type { z } from 'zod';
import type { callbackBody } from '#sandbox/discord/message-body.ts';
import { CALLBACK } from '#sandbox/discord/model.ts';
import { issue, type Rule, when } from './rule.ts';

type Callback = z.infer<typeof callbackBody>;

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
