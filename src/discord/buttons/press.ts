import type { Context } from '#discord/command.ts';
import type { CustomIdTarget, CustomIdVerb } from '#discord/custom-id.ts';
import type { Filled } from '#discord/form.ts';
import type { Reply } from '#discord/reply.ts';

/** A component that was used or a modal that was sent. */
type Press<Verb extends CustomIdVerb> = {
  readonly target: CustomIdTarget<Verb>;
  /** What was chosen in a select. */
  readonly values: readonly string[];
  /** What was written in a modal of one field. */
  readonly answer: string;
  /** What was written and chosen in one of several. */
  readonly fields: Filled;
};

export type Button<Verb extends CustomIdVerb> = {
  readonly operation: string;
  /** A dialog whose words their writer gets back where they were not taken. */
  readonly givesBack?: true;
  readonly run: (context: Context, press: Press<Verb>) => Promise<Reply>;
};
