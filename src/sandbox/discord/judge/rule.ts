import type { z } from 'zod';
import type { commandList } from '#sandbox/discord/command-body.ts';
import type { FormIssue } from '#sandbox/discord/errors.ts';
import type { choicesBody, MessageCreate, modalBody } from '#sandbox/discord/message-body.ts';
import type { Component, Message } from '#sandbox/discord/model.ts';
import type { Draft } from './draft.ts';
import type { Operation } from './operations.ts';

/** A request as the bot sent it, with the message that it edits, where it edits one. */
export type Sent = {
  readonly method: string;
  /** As the sandbox registers it: `/channels/:channel/messages`. */
  readonly route: string;
  readonly body: unknown;
  readonly files?: number;
  readonly before?: Message | undefined;
};

export type Judge = (sent: Sent) => readonly FormIssue[];

/** What is wrong with a part of a request; paths begin at that part. */
export type Rule<Part> = (part: Part) => readonly FormIssue[];

export type BodyPart = { readonly operation: Operation; readonly body: unknown };

export type MessagePart = {
  /** Channel messages are sent with the bot's token, the others with the token of an interaction or a webhook. */
  readonly place: 'channel' | 'webhook';
  /** "Thinking…" is shown first; the message follows by an edit. */
  readonly isDeferred: boolean;
  readonly body: MessageCreate;
  /** What the message would be, and how many files come with it. */
  readonly after: Draft;
  readonly files: number;
};

export type CommandsPart = { readonly list: z.infer<typeof commandList>; readonly isInGuild: boolean };

/** Every rule has its name, so that one can be left out to show what it is there for. */
export type Rules = {
  readonly body: readonly Rule<BodyPart>[];
  readonly message: readonly Rule<MessagePart>[];
  readonly components: readonly Rule<readonly Component[]>[];
  readonly modal: readonly Rule<z.infer<typeof modalBody>>[];
  readonly choices: readonly Rule<z.infer<typeof choicesBody>>[];
  readonly commands: readonly Rule<CommandsPart>[];
};

export type Path = readonly (string | number)[];

export const issue = (path: Path, code: string, message: string): FormIssue => ({ path, code, message });

/** `[one]` where something is wrong, nothing otherwise. */
export const when = (isWrong: boolean, one: FormIssue): readonly FormIssue[] => (isWrong ? [one] : []);

/** The place of each value that was there before. */
export const doubled = (values: readonly unknown[]): number[] =>
  values.flatMap((value, at) => (value !== undefined && values.indexOf(value) !== at ? [at] : []));
