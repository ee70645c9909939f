import { z } from 'zod';
import { changeSet, list, members, optionalInstant, optionalText, text } from './wire.ts';

const step = z
  .looseObject({ id: text, title: text, description: optionalText, index: z.number().int().catch(0) })
  .transform(({ id, title, description, index }) => ({ id, title, description, index }));

const events = {
  planGenerated: z
    .looseObject({ plan: z.looseObject({ id: text, steps: list(step) }).catch({ id: '', steps: [] }) })
    .transform(({ plan }) => ({ kind: 'planGenerated' as const, plan: { id: plan.id, steps: plan.steps } })),
  planApproved: z.looseObject({ planId: text }).transform(({ planId }) => ({ kind: 'planApproved' as const, planId })),
  userMessaged: z
    .looseObject({ userMessage: text })
    .transform(({ userMessage }) => ({ kind: 'userMessaged' as const, message: userMessage })),
  agentMessaged: z
    .looseObject({ agentMessage: text })
    .transform(({ agentMessage }) => ({ kind: 'agentMessaged' as const, message: agentMessage })),
  /** Both are often absent: 15 of 27 in one real session. */
  progressUpdated: z
    .looseObject({ title: optionalText, description: optionalText })
    .transform(({ title, description }) => ({
      kind: 'progressUpdated' as const,
      progress: { title, description },
    })),
  /** Can come several times; work may go on after it. */
  sessionCompleted: z.unknown().transform(() => ({ kind: 'sessionCompleted' as const })),
  sessionFailed: z
    .looseObject({ reason: optionalText })
    .transform(({ reason }) => ({ kind: 'sessionFailed' as const, reason })),
};

type KnownEvent = z.output<(typeof events)[keyof typeof events]>;
export type ActivityEvent = KnownEvent | { readonly kind: 'unknown'; readonly keys: string[] };

/** Output of commands is kept up to this many characters. */
const OUTPUT_CHARS = 4000;

const bashOutput = z
  .looseObject({ command: text, output: text, exitCode: z.number().int().catch(0) })
  .transform(({ command, output, exitCode }) => ({
    kind: 'bashOutput' as const,
    command: command.slice(0, OUTPUT_CHARS),
    output: output.slice(0, OUTPUT_CHARS),
    exitCode,
  }));

/** Screenshots come inline and make a page of activities megabytes: only what they are is kept. */
const media = z.looseObject({ data: text, mimeType: text }).transform(({ data, mimeType }) => ({
  kind: 'media' as const,
  mimeType,
  bytes: Buffer.byteLength(data, 'base64'),
}));

type Artifact =
  | z.output<typeof changeSet>
  | z.output<typeof bashOutput>
  | z.output<typeof media>
  | { readonly kind: 'unknown'; readonly keys: string[] };

const artifacts = list(z.unknown()).transform((all) =>
  all.flatMap((artifact): Artifact[] => members(artifact, { changeSet, bashOutput, media })),
);

/** What every activity has beside its event; any other key is an event, perhaps one that is not known yet. */
const COMMON = new Set(['name', 'id', 'createTime', 'originator', 'description', 'artifacts']);

function eventOf(wire: Readonly<Record<string, unknown>>): ActivityEvent {
  const own = Object.fromEntries(Object.entries(wire).filter(([key]) => !COMMON.has(key)));
  return members(own, events)[0] ?? { kind: 'unknown', keys: [] };
}

export const activity = z
  .looseObject({
    name: z.string().min(1),
    createTime: optionalInstant,
    originator: text,
    description: optionalText,
    artifacts,
  })
  .transform((wire, context) => {
    const { name, createTime, originator, description, artifacts } = wire;
    if (createTime === null) {
      context.addIssue({ code: 'custom', message: 'an activity has a createTime' });
      return z.NEVER;
    }
    return { name, createTime, originator, description, artifacts, ...eventOf(wire) };
  });

export type Activity = z.output<typeof activity>;

const hasPatch = (artifact: Artifact) => artifact.kind === 'changeSet' && artifact.patch !== '';

/** Of all patches only the last one is held: each is the whole difference so far, and can be as long as all others together. */
export function withLastPatch(activities: Activity[]): Activity[] {
  const last = activities.findLastIndex(({ artifacts }) => artifacts.some(hasPatch));
  return activities.map((one, at) =>
    at === last || !one.artifacts.some(hasPatch)
      ? one
      : {
          ...one,
          artifacts: one.artifacts.map((artifact) => (hasPatch(artifact) ? { ...artifact, patch: '' } : artifact)),
        },
  );
}
