import { z } from 'zod';

const ms = z.number().min(0);

/** Where the documentation and the observers of the real service disagree, both can be had. Times are story time. */
export const settings = z.strictObject({
  activities404Ms: ms.describe('For so long a new session has no activities: 404'),
  planExpiresMs: ms.describe(
    'So long a plan waits before its session reads COMPLETED, not approved and without outputs',
  ),
  createMs: ms.describe('So long creating a session takes, and reading one source'),
  createsAtOnce: z
    .number()
    .int()
    .min(1)
    .describe('So many of those an account may have under way; for one more Jules does not find the source: 404'),
  echoInputOnly: z.boolean().describe('Sessions come back with requirePlanApproval and automationMode'),
  bareCreate: z.boolean().describe('The answer to a create leaves out state, link and times'),
  emptyReplies: z.boolean().describe('Approving and sending a message answer zero bytes instead of {}'),
  equalTimes: z.boolean().describe('Every second activity has the instant of the one before'),
  bashOutput: z.boolean().describe('Commands come with their output as an artifact'),
  approveNothing: z
    .enum(['ignore', 'refuse'])
    .describe('Approving where no plan waits: {} without effect, or 400 FAILED_PRECONDITION'),
  approveExpired: z
    .enum(['ignore', 'resume'])
    .describe('Approving a plan that has expired: {} without effect, or the work begins'),
  quotaRefusal: z
    .enum(['exhausted', 'precondition'])
    .describe('A create over the limits of the account: 429 RESOURCE_EXHAUSTED, or 400 FAILED_PRECONDITION'),
});

export type Settings = z.output<typeof settings>;

export const DEFAULT_SETTINGS: Settings = {
  activities404Ms: 2000,
  planExpiresMs: 600_000,
  createMs: 0,
  createsAtOnce: 5,
  echoInputOnly: false,
  bareCreate: false,
  emptyReplies: false,
  equalTimes: false,
  bashOutput: true,
  approveNothing: 'ignore',
  approveExpired: 'ignore',
  quotaRefusal: 'exhausted',
};
