import { z } from 'zod';
import { type SessionName, sessionName } from '#kernel/ids.ts';

/**
 * Jules speaks proto3 JSON: a field that holds its default is absent, enums grow, unions have no discriminator.
 * So every field may be missing or odd without spoiling its neighbours; only a name is required.
 */
export const text = z.string().catch('');
export const optionalText = z.string().min(1).nullable().catch(null);
export const optionalInstant = z
  .string()
  .transform((value) => new Date(value))
  .refine((instant) => !Number.isNaN(instant.getTime()))
  .nullable()
  .catch(null);
export const list = <Schema extends z.ZodType>(item: Schema) => z.array(item).catch([]);

const unknownMember = (value: unknown) =>
  ({ kind: 'unknown', keys: typeof value === 'object' && value !== null ? Object.keys(value) : [] }) as const;

/** The members of a union without a discriminator, by the keys that are there; a strange one is kept by its keys. */
export function members<Known extends Readonly<Record<string, z.ZodType>>>(
  value: unknown,
  known: Known,
): (z.output<Known[keyof Known]> | ReturnType<typeof unknownMember>)[] {
  const found = Object.entries(z.record(z.string(), z.unknown()).catch({}).parse(value)).flatMap(([key, inner]) => {
    const decoded = known[key]?.safeParse(inner);
    return decoded?.success ? [decoded.data as z.output<Known[keyof Known]>] : [];
  });
  return found.length > 0 ? found : [unknownMember(value)];
}

/** A patch is kept up to this many characters, so that people can apply it where Jules publishes nothing. */
export const PATCH_CHARS = 1_100_000;

/** Change sets are cumulative: the last one with a patch is the whole difference. */
export const changeSet = z
  .looseObject({
    source: text,
    gitPatch: z
      .looseObject({ unidiffPatch: text, baseCommitId: optionalText, suggestedCommitMessage: optionalText })
      .catch({ unidiffPatch: '', baseCommitId: null, suggestedCommitMessage: null }),
  })
  .transform(({ source, gitPatch }) => ({
    kind: 'changeSet' as const,
    source,
    patch: gitPatch.unidiffPatch.slice(0, PATCH_CHARS),
    /** Length of the whole patch; 0 where Jules names only a base commit. */
    patchChars: gitPatch.unidiffPatch.length,
    baseCommit: gitPatch.baseCommitId,
    commitMessage: gitPatch.suggestedCommitMessage,
  }));

const pullRequest = z
  .looseObject({ url: z.string().min(1), title: text, description: text, baseRef: optionalText, headRef: optionalText })
  .transform(({ url, title, description, baseRef, headRef }) => ({
    kind: 'pullRequest' as const,
    url,
    title,
    description,
    baseRef,
    headRef,
  }));

export type SessionOutput =
  | z.output<typeof pullRequest>
  | z.output<typeof changeSet>
  | { readonly kind: 'unknown'; readonly keys: string[] };

export const SESSION_NAME = /^sessions\/[A-Za-z0-9_-]+$/;

/** Some of their pages show names without the `sessions/` in front. */
const wireSessionName = text.transform((name): SessionName | null => {
  const whole = name.startsWith('sessions/') ? name : `sessions/${name}`;
  return SESSION_NAME.test(whole) ? sessionName(whole) : null;
});

const sourceContext = z.looseObject({
  source: optionalText,
  githubRepoContext: z.looseObject({ startingBranch: optionalText }).catch({ startingBranch: null }),
});

export const session = z
  .looseObject({
    name: wireSessionName.refine((name) => name !== null),
    title: text,
    prompt: text,
    state: z.string().min(1).catch('STATE_UNSPECIFIED'),
    url: optionalText,
    createTime: optionalInstant,
    updateTime: optionalInstant,
    outputs: list(z.unknown()),
    archived: z.boolean().catch(false),
    sourceContext: sourceContext.nullable().catch(null),
  })
  .transform((wire) => ({
    name: sessionName(String(wire.name)),
    id: String(wire.name).slice('sessions/'.length),
    /** As given, or made by Jules: it can be the whole prompt. */
    title: wire.title,
    prompt: wire.prompt,
    /** As Jules says it: names come and go, so a reader must expect one that it does not know. */
    state: wire.state,
    url: wire.url,
    /** Null only in answers to `createSession`, which may leave out all that the server adds. */
    createTime: wire.createTime,
    /** Moves with state and metadata; no sign of life. */
    updateTime: wire.updateTime,
    outputs: wire.outputs.flatMap((output): SessionOutput[] => members(output, { pullRequest, changeSet })),
    archived: wire.archived,
    source: wire.sourceContext?.source ?? null,
    startingBranch: wire.sourceContext?.githubRepoContext.startingBranch ?? null,
  }));

export type Session = z.output<typeof session>;

const branch = z.looseObject({ displayName: z.string().min(1) }).transform(({ displayName }) => displayName);

/** A source that is not a GitHub repository does not decode: nothing here could name it to a person. */
export const source = z
  .looseObject({
    name: z.string().min(1),
    githubRepo: z.looseObject({
      owner: z.string().min(1),
      repo: z.string().min(1),
      isPrivate: z.boolean().catch(false),
      defaultBranch: branch.nullable().catch(null),
      branches: list(branch.nullable().catch(null)),
    }),
  })
  .transform(({ name, githubRepo }) => ({
    name,
    owner: githubRepo.owner,
    repo: githubRepo.repo,
    isPrivate: githubRepo.isPrivate,
    defaultBranch: githubRepo.defaultBranch,
    branches: githubRepo.branches.filter((name) => name !== null),
  }));

export type Source = z.output<typeof source>;
