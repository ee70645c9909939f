import type { MessageEdit } from '#sandbox/discord/message-body.ts';
import { type Attachment, FLAG, type Message } from '#sandbox/discord/model.ts';

const SUPPRESS_EMBEDS = 1 << 2;
const SUPPRESS_NOTIFICATIONS = 1 << 12;
const KEPT_BY_CREATE = FLAG.EPHEMERAL | FLAG.COMPONENTS_V2 | SUPPRESS_EMBEDS | SUPPRESS_NOTIFICATIONS;
const KEPT_BY_EDIT = FLAG.COMPONENTS_V2 | SUPPRESS_EMBEDS;

/** What a message would be after a create or an edit: the rules look at it before it is. */
export type Draft = Pick<Message, 'content' | 'components' | 'embeds' | 'flags'> & {
  /** Those that an edit leaves; uploaded ones come on top. */
  readonly attachments: readonly Attachment[];
};

const created = (body: MessageEdit): Draft => ({
  content: body.content ?? '',
  embeds: body.embeds ?? [],
  components: body.components ?? [],
  flags: (body.flags ?? 0) & KEPT_BY_CREATE,
  attachments: [],
});

/** The flag of components V2 cannot be taken back. From API version 10 on, attachments that an edit does not list go. */
const edited = (before: Message, body: MessageEdit): Draft => ({
  content: body.content === undefined ? before.content : (body.content ?? ''),
  embeds: body.embeds === undefined ? before.embeds : (body.embeds ?? []),
  components: body.components === undefined ? before.components : (body.components ?? []),
  flags: (before.flags & ~FLAG.LOADING) | ((body.flags ?? 0) & KEPT_BY_EDIT),
  attachments:
    body.attachments == null
      ? before.attachments
      : before.attachments.filter((old) => body.attachments?.some((one) => String(one.id) === old.id)),
});

export const draftOf = (before: Message | undefined, body: MessageEdit): Draft =>
  before ? edited(before, body) : created(body);
