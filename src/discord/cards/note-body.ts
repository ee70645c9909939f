import type { APIButtonComponent } from 'discord-api-types/v10';
import { allow, isLink, linkButton, type Mention, type MessageBody, NOBODY, rowsOf, SILENT } from './body.ts';

export const saying = (content: string, told: Mention): MessageBody => ({ content, allowed_mentions: allow(told) });
export const plain = (content: string) => saying(content, NOBODY);
export const quiet = (content: string): MessageBody => ({ ...plain(content), flags: SILENT });

export const isPerson = (id: string) => /^\d{15,20}$/.test(id);
export const person = (id: string): Mention => ({ roles: [], people: [id] });
export type Link = readonly [label: string, url: string | null | undefined];

/** Buttons that do something come before those that only lead somewhere. */
export function withLinks(
  body: MessageBody,
  links: readonly Link[],
  deeds: readonly APIButtonComponent[] = [],
): MessageBody {
  const buttons = [...deeds, ...links.flatMap(([label, url]) => (isLink(url) ? [linkButton(label, url)] : []))];
  return buttons.length > 0 ? { ...body, components: rowsOf(buttons) } : body;
}
