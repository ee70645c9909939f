import { allow, isLink, linkButton, type Mention, type MessageBody, NOBODY, rowsOf, SILENT } from './body.ts';

export const saying = (content: string, told: Mention): MessageBody => ({ content, allowed_mentions: allow(told) });
export const plain = (content: string) => saying(content, NOBODY);
export const quiet = (content: string): MessageBody => ({ ...plain(content), flags: SILENT });

export const isPerson = (id: string) => /^\d{15,20}$/.test(id);
export const person = (id: string): Mention => ({ roles: [], people: [id] });
export type Link = readonly [label: string, url: string | null | undefined];

export function withLinks(body: MessageBody, buttons: readonly Link[]): MessageBody {
  const links = buttons.flatMap(([label, url]) => (isLink(url) ? [linkButton(label, url)] : []));
  return links.length > 0 ? { ...body, components: rowsOf(links) } : body;
}
