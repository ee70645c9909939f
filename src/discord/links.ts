/**
 * Which addresses may be links. Discord makes one of every `https://…` outside code, of `<scheme:…>`, and shows a card
 * for an invitation even where it is bare. So the addresses of a few known places stand in angle brackets, which end
 * the link where the address ends; all others are shown as code, where they can be read and copied but not clicked.
 */

/** Names that GitHub keeps for itself: `github.com/login/device` has the shape of a repository, and is what a lure would link to. */
const OWNER =
  /(?!(?:login|logout|settings|sessions|session|apps|join|signup|oauth|account|password_reset|users|orgs|organizations|enterprises|marketplace|sponsors|codespaces|copilot|new|notifications|sso|stars|topics|search|site|security|features)\/)[a-z\d][\w-]{0,99}/;
/** What is read of a repository; a file to be downloaded is not among it. */
const WITHIN =
  /(?:pulls?|issues|commits?|tree|blob|actions|compare|discussions)(?:[/?]|$)|releases(?:\/latest|\/tag\/[^/?]+)?\/?$/;

const GITHUB = new RegExp(`^\\/(?:$|${OWNER.source}\\/[\\w.-]{1,100}(?:\\/?$|\\/?\\?|\\/(?:${WITHIN.source})))`, 'i');

/** By path and query. Pages that sign somebody in, grant access or lead elsewhere are not among them. */
const KNOWN: ReadonlyMap<string, RegExp> = new Map([
  ['github.com', GITHUB],
  ['jules.google.com', /^\/(?:(?:session|task)\/[\w-]+\/?|settings\/?)?$/],
  ['jules.google', /^\/(?:docs(?:\/[\w./-]*)?)?$/],
  ['discord.com', /^\/channels\/(?:@me|\d{1,20})(?:\/|$)/],
]);

/** Whether some addresses of a host may be links; others may not. */
export const isKnownHost = (host: string) => KNOWN.has(host);

/** Found by a client wherever it stands, also in another address. */
const INVITATION = /discord(?:app)?\.(?:gg|new|gift|com)\//i;

const MOST = 512;
const PLAIN = /^https:\/\/[a-z.]+(?:[/?#][\w.~/?#=&%+:,;-]*)?$/;

/** Whether an address leads to a place that is known, and is written as a browser would write it: no user, no port, no detour. */
export function isKnownLink(address: unknown): address is string {
  if (typeof address !== 'string' || address.length > MOST || !PLAIN.test(address)) return false;
  const url = URL.parse(address);
  if (url === null || (url.href !== address && url.href !== `${address}/`)) return false;
  if (INVITATION.test(address.slice(url.origin.length))) return false;
  return KNOWN.get(url.host)?.test(url.pathname + url.search) ?? false;
}

/** Discord finds the first three within a word too; others are not for clicking either. */
const SCHEME = /(?:https?|steam|discord|(?<![a-z0-9+.-])[a-z][a-z0-9+.-]{1,20}):\/\//;
const ADDRESS = new RegExp(
  `((?:${SCHEME.source}|(?:discord\\.(?:gg|new|gift|com)|discordapp\\.com)\\/)[^\\s<>()[\\]{}*~|\`\\\\"\\p{Co}]*)`,
  'iu',
);

/** Without the marks that end a sentence behind it. */
function endOf(address: string): number {
  let end = address.length;
  while (end > 0 && ".,:;!?'_".includes(address[end - 1] ?? '')) end -= 1;
  return end;
}

export type Piece = { readonly kind: 'text' | 'address'; readonly written: string };

function addressPieces(token: string): Piece[] {
  const end = endOf(token);
  const address = token.slice(0, end);
  const written = isKnownLink(address) ? `<${address}>` : `\`${address}\``;
  return [
    { kind: 'address', written },
    { kind: 'text', written: token.slice(end) },
  ];
}

/** A text with its addresses apart, these as they may be shown. */
export function splitAddresses(text: string): Piece[] {
  return text
    .split(ADDRESS)
    .flatMap((part, at): Piece[] => (at % 2 === 1 ? addressPieces(part) : [{ kind: 'text', written: part }]))
    .filter(({ written }) => written !== '');
}
