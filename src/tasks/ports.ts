import type { KeyId, SessionName } from '#kernel/ids.ts';

/** What tasks need of Jules, in the words of this folder. A `RemoteFailure` says what a failed call may have done. */
export type JulesOutput = {
  readonly kind: string;
  readonly url?: string;
  /** A unified difference; shorter than `patchChars` where it was too large to be read whole. */
  readonly patch?: string;
  readonly patchChars?: number;
  readonly baseCommit?: string | null;
};

export type JulesSession = {
  readonly name: SessionName;
  readonly title: string;
  readonly prompt: string;
  /** Jules's own word, which may be one that nobody here knows. */
  readonly state: string;
  readonly url: string | null;
  readonly createTime: Date | null;
  readonly updateTime: Date | null;
  readonly outputs: readonly JulesOutput[];
};

export type JulesActivity = {
  readonly name: string;
  readonly createTime: Date;
  readonly description: string | null;
  readonly artifacts: readonly JulesOutput[];
} & (
  | { readonly kind: 'planGenerated'; readonly plan: { readonly steps: readonly JulesStep[] } }
  | {
      readonly kind: 'progressUpdated';
      readonly progress: { readonly title: string | null; readonly description: string | null };
    }
  | { readonly kind: 'agentMessaged' | 'userMessaged'; readonly message: string }
  | { readonly kind: 'sessionFailed'; readonly reason: string | null }
  | { readonly kind: 'planApproved' | 'sessionCompleted' | 'unknown' }
);
type JulesStep = { readonly title: string; readonly description: string | null };

export type JulesSource = {
  readonly name: string;
  readonly owner: string;
  readonly repo: string;
  readonly defaultBranch: string | null;
  readonly branches: readonly string[];
};

type NewSession = {
  readonly prompt: string;
  readonly title: string;
  readonly source: string;
  readonly startingBranch: string;
};

type Options = { readonly signal: AbortSignal };

/** What begins something at Jules asks `mayBegin` right before its call, when it waits for nothing any more. */
type BeginOptions = Options & { readonly mayBegin: () => Promise<boolean> };

/** Each call names the stored key that it uses; nobody here ever sees the key itself. */
export type Sessions = {
  listSources(key: KeyId, options: Options): Promise<readonly JulesSource[]>;
  /** Newest first; reading ends at the page on which a session was created before `since`. */
  list(key: KeyId, since: Date, options: Options): Promise<readonly JulesSession[]>;
  read(key: KeyId, name: SessionName, options: Options): Promise<JulesSession>;
  /** So many of an account at once; the others wait for their turn. Null where it might not begin any more. */
  create(
    key: KeyId,
    wish: NewSession,
    options: BeginOptions & { readonly account: string },
  ): Promise<JulesSession | null>;
  /** False where it might not begin any more. */
  approve(key: KeyId, name: SessionName, options: BeginOptions): Promise<boolean>;
  /** False where it might not begin any more. */
  send(
    key: KeyId,
    wish: { readonly name: SessionName; readonly prompt: string },
    options: BeginOptions,
  ): Promise<boolean>;
  archive(key: KeyId, name: SessionName, options: Options): Promise<void>;
  /** Oldest first; the last ones known may come again. */
  activities(
    key: KeyId,
    wish: { readonly name: SessionName; readonly since?: Date },
    options: Options,
  ): Promise<readonly JulesActivity[]>;
};
