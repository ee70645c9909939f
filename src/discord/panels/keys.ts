import { type APIButtonComponent, ButtonStyle, ComponentType } from 'discord-api-types/v10';
import { ago, type MessageBody, rowsOf } from '#discord/cards/body.ts';
import { customId } from '#discord/custom-id.ts';
import { says } from '#discord/reply.ts';
import { inline } from '#discord/text.ts';
import { capital, KEY } from '#discord/words.ts';
import type { KeyOwner } from '#guilds/add-key.ts';
import type { Settings } from '#guilds/settings.ts';

type Style = ButtonStyle.Secondary | ButtonStyle.Danger;
type Facts = { readonly customId: string; readonly label: string; readonly style: Style; readonly disabled?: boolean };

const button = ({ customId, label, style, disabled = false }: Facts): APIButtonComponent => ({
  type: ComponentType.Button,
  custom_id: customId,
  label,
  style,
  disabled,
});

export const keyOf = ({ keys }: Settings, owner: KeyOwner) => keys.find((key) => key.owner === owner);

const dotted = (last4: string) => `•••• ${inline(last4, 12)}`;

type KeyFacts = Settings['keys'][number];

const PLAN: Record<KeyFacts['plan'], string> = { free: 'free plan', pro: 'Pro plan', ultra: 'Ultra plan', custom: '' };

/** What one key is and does: whose pool, which limits, when it was last used, what Jules says against it. */
function oneKey(key: KeyFacts): string {
  const pool = [key.role && `for <@&${key.role}>`, key.channel && `for <#${key.channel}>`].filter(Boolean).join(' ');
  const limits = [PLAN[key.plan], `${key.per_day} tasks a day, ${key.at_once} at once`].filter(Boolean).join(': ');
  const used = key.used_at ? `used ${ago(key.used_at)}` : 'not used yet';
  const facts = [dotted(key.last4), pool, limits, `entered ${ago(key.added_at)}`, used].filter(Boolean).join(', ');
  return key.problem ? `${facts}\n⚠️ Jules refuses it: ${inline(key.problem, 150)}` : facts;
}

const MOST_KEYS = 8;

function keyLine({ keys }: Settings, owner: KeyOwner): string {
  const mine = keys.filter((key) => key.owner === owner);
  const name = `**${capital(KEY[owner].you)}:**`;
  if (mine.length < 2) return `${name} ${mine[0] ? oneKey(mine[0]) : 'none'}`;
  const more = mine.length > MOST_KEYS ? [`… and ${mine.length - MOST_KEYS} more`] : [];
  return [`**The server keys:**`, ...mine.slice(0, MOST_KEYS).map((key) => `• ${oneKey(key)}`), ...more].join('\n');
}

/** The keys that apply to this person, and what was just done; a key is only ever entered in a modal, where nobody else sees it. */
export function keyPanel(settings: Settings, done?: string): MessageBody {
  const used = settings.key_in_use;
  const mayNot = !settings.may_change;
  const sentence = [
    ...(done ? [done] : []),
    keyLine(settings, 'server'),
    keyLine(settings, 'person'),
    used ? `Your tasks use ${KEY[used.owner].you}.` : 'Without a key no task of yours can start.',
    'Keys are made at jules.google.com/settings#api. They are stored sealed and never shown again.',
    ...(mayNot ? ['Only people with Manage Server may change the server key.'] : []),
  ].join('\n');
  const [server, person] = [keyOf(settings, 'server'), keyOf(settings, 'person')];
  const enter = { style: ButtonStyle.Secondary } as const;
  const remove = { style: ButtonStyle.Danger } as const;
  const buttons = [
    button({ ...enter, customId: customId('key', 'server'), label: 'Server key…', disabled: mayNot }),
    button({ ...enter, customId: customId('key', 'person'), label: 'My key…' }),
    button({
      ...remove,
      customId: customId('key-remove', 'server'),
      label: 'Remove server key…',
      disabled: mayNot || !server,
    }),
    button({ ...remove, customId: customId('key-remove', 'person'), label: 'Remove my key…', disabled: !person }),
  ];
  return says(sentence, rowsOf(buttons));
}

/** Takes the panel's place until it is answered: a removed key cannot be had back. */
export function removalPanel(owner: KeyOwner, last4: string): MessageBody {
  return says(
    `Remove ${KEY[owner].you} ${dotted(last4)}? No task can start with it any more.`,
    rowsOf([
      button({ customId: customId('key-revoke', owner), label: 'Remove', style: ButtonStyle.Danger }),
      button({ customId: customId('key-keep', owner), label: 'Keep', style: ButtonStyle.Secondary }),
    ]),
  );
}
