declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

/** Discord's ids are snowflakes, ours are uuids, Jules's exceed 2^63: all of them are text, everywhere. */
export type TaskId = Branded<'TaskId'>;
export type KeyId = Branded<'KeyId'>;
/** `sessions/{digits}`, as Jules names it. */
export type SessionName = Branded<'SessionName'>;
/** What a fact or a message is about: `task:{uuid}`, `account:{uuid}`, `guild:{snowflake}`. */
export type Subject = Branded<'Subject'>;

export const taskId = (value: string) => value as TaskId;
export const keyId = (value: string) => value as KeyId;
export const sessionName = (value: string) => value as SessionName;
export const subjectOf = (noun: string, id: string) => `${noun}:${id}` as Subject;

/** The id within a subject: `task:123` → `123`. */
export function idIn(subject: string): string {
  return subject.slice(subject.indexOf(':') + 1);
}
