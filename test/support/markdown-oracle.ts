import { parse } from 'discord-markdown-parser';

/** Discord's markdown as somebody else reads it: what a client would make of a text. */
type Node = {
  readonly type: string;
  readonly content?: unknown;
  readonly target?: unknown;
  readonly id?: string;
  readonly name?: string;
  readonly timestamp?: string;
};

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && 'type' in value;

function flat(value: unknown): Node[] {
  if (Array.isArray(value)) return value.flatMap(flat);
  return isNode(value) ? [value, ...flat(value.content)] : [];
}

/** With masked links, which work for bots. */
export const nodesOf = (text: string): Node[] => flat(parse(text, 'extended'));
export const outerKinds = (text: string): string[] => parse(text, 'extended').map(({ type }) => type);

/** Whom and what our own texts may name. */
export type Own = { readonly ids: readonly string[]; readonly instants: readonly string[] };
const NOTHING: Own = { ids: [], instants: [] };

const HOSTS = new Set(['github.com', 'jules.google.com', 'jules.google', 'discord.com']);

/** By the address alone, with nothing of the code that is tested. */
export function isForeign(target: unknown): boolean {
  const url = typeof target === 'string' ? URL.parse(target) : null;
  return (
    url === null || url.protocol !== 'https:' || url.username !== '' || url.port !== '' || !HOSTS.has(url.hostname)
  );
}

const NAMES = new Set(['user', 'role', 'channel']);
const LINKS = new Set(['url', 'autolink', 'link']);
const NEVER = new Set(['everyone', 'here', 'emoji', 'slashCommand', 'guildNavigation', 'spoiler']);
const INVITATION = /discord(?:app)?\.(?:gg|com|new|gift)\/(?!channels\/)/i;

function wrongNode({ type, id = '', target, timestamp = '' }: Node, own: Own): string[] {
  if (NEVER.has(type)) return [type];
  if (NAMES.has(type)) return own.ids.includes(id) ? [] : [`${type} ${id}`];
  if (type === 'timestamp') return own.instants.includes(timestamp) ? [] : [`timestamp ${timestamp}`];
  if (LINKS.has(type)) return isForeign(target) ? [`${type} ${String(target)}`] : [];
  return [];
}

/** A client shows a card for one that stands in a message, link or not. */
function invitations(nodes: readonly Node[]): string[] {
  const bare = nodes.map(({ type, content }) => (type === 'text' && typeof content === 'string' ? content : ' '));
  return bare.join('').match(INVITATION) ?? [];
}

/** What a stranger's text made of a message: pings, links to elsewhere, emoji, commands, moments, spoilers. */
export function wrongsOf(text: string, own: Own = NOTHING): string[] {
  const nodes = nodesOf(text);
  return [...nodes.flatMap((node) => wrongNode(node, own)), ...invitations(nodes)];
}

const SHOWN_BARE = new Set(['text', 'inlineCode', 'codeBlock']);

/** What people read, without the marks of ours that show nothing. */
export function shownBy(text: string): string {
  return nodesOf(text)
    .flatMap(({ type, content, name }) => {
      if (type === 'twemoji') return [name ?? ''];
      if (SHOWN_BARE.has(type) && typeof content === 'string') return [content];
      return type === 'br' || type === 'newline' ? ['\n'] : [];
    })
    .join('')
    .replaceAll('\u200B', '');
}
