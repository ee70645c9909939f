import type { z } from 'zod';
import type { commandList } from '#sandbox/discord/command-body.ts';
import type { FormIssue } from '#sandbox/discord/errors.ts';
import type { callbackBody, choicesBody, MessageCreate, modalBody } from '#sandbox/discord/message-body.ts';
import type { UploadedFile } from '#sandbox/discord/messages.ts';
import type { Component, Message } from '#sandbox/discord/model.ts';
import type { Draft } from './draft.ts';
import type { Operation } from './operations.ts';

/** A file by the field of its form, such as `files[0]`. */
type Uploaded = Pick<UploadedFile, 'field' | 'name'>;

/** A request as the bot sent it, with the message that it edits, where it edits one. */
export type Sent = {
  readonly method: string;
  /** As the sandbox registers it: `/channels/:channel/messages`. */
  readonly route: string;
  readonly body: unknown;
  /** Those that came with it. */
  readonly files?: readonly Uploaded[];
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
  /** What the message would be, and which files come with it. */
  readonly after: Draft;
  readonly files: readonly Uploaded[];
};

export type CommandsPart = { readonly list: z.infer<typeof commandList>; readonly isInGuild: boolean };

/** Every rule has its name, so that one can be left out to show what it is there for. */
export type Rules = {
  readonly body: readonly Rule<BodyPart>[];
  readonly callback: readonly Rule<z.infer<typeof callbackBody>>[];
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

export const isBlank = (text: string | undefined): boolean => (text ?? '').trim() === '';

/** Discord's API is written in Python, where the length of a text is that of its code points. */
export const sizeOf = (text: string | undefined): number => [...(text ?? '')].length;

export const required = (path: Path): FormIssue => issue(path, 'BASE_TYPE_REQUIRED', 'This field is required');

/** The place of each value that was there before. */
export const doubled = (values: readonly unknown[]): number[] =>
  values.flatMap((value, at) => (value !== undefined && values.indexOf(value) !== at ? [at] : []));
