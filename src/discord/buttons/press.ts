import type { Context } from '#discord/command.ts';
import type { CustomIdTarget, CustomIdVerb } from '#discord/custom-id.ts';
import type { Reply } from '#discord/reply.ts';

/** A component that was used or a modal that was sent. */
type Press<Verb extends CustomIdVerb> = {
  readonly target: CustomIdTarget<Verb>;
  /** What was chosen in a select. */
  readonly values: readonly string[];
  /** What was written in a modal. */
  readonly answer: string;
};

export type Button<Verb extends CustomIdVerb> = {
  readonly operation: string;
  readonly run: (context: Context, press: Press<Verb>) => Promise<Reply>;
};
