import { type APIButtonComponent, ButtonStyle, ComponentType } from 'discord-api-types/v10';
import { ago, type MessageBody, rowsOf } from '#discord/cards/body.ts';
import { customId } from '#discord/custom-id.ts';
import { says } from '#discord/reply.ts';
import { inline } from '#discord/text.ts';
import { words } from '#discord/words/words.ts';
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

export const dotted = (last4: string) => `•••• ${inline(last4, 12)}`;

type KeyFacts = Settings['keys'][number];

/** What one key is and does: whose pool, which limits, when it was last used, what Jules says against it. */
function oneKey(key: KeyFacts): string {
  const { keys } = words();
  const places = [key.role && `<@&${key.role}>`, key.channel && `<#${key.channel}>`];
  const pool = places.flatMap((place) => (place ? [keys.forWhom(place)] : [])).join(' ');
  const limits = keys.limits[key.plan](key.per_day, key.at_once);
  const used = key.used_at ? keys.used(ago(key.used_at)) : keys.unused;
  const facts = [dotted(key.last4), pool, limits, keys.entered(ago(key.added_at)), used].filter(Boolean).join(', ');
  return key.problem ? `${facts}\n${keys.refused(inline(key.problem, 150))}` : facts;
}

const MOST_KEYS = 8;

function keyLine(settings: Settings, owner: KeyOwner): string {
  const { common, keys } = words();
  const mine = settings.keys.filter((key) => key.owner === owner);
  if (mine.length < 2) return mine[0] ? keys.one[owner](oneKey(mine[0])) : keys.none[owner];
  const more = mine.length > MOST_KEYS ? [common.more(mine.length - MOST_KEYS)] : [];
  return [keys.several, ...mine.slice(0, MOST_KEYS).map((key) => `• ${oneKey(key)}`), ...more].join('\n');
}

/** The keys that apply to this person, and what was just done; a key is only ever entered in a modal, where nobody else sees it. */
export function keyPanel(settings: Settings, done?: string): MessageBody {
  const { keys } = words();
  const used = settings.key_in_use;
  const mayNot = !settings.may_change;
  const sentence = [
    ...(done ? [done] : []),
    keyLine(settings, 'server'),
    keyLine(settings, 'person'),
    used ? keys.yourTasksUse[used.owner] : keys.noneForYou,
    keys.whereMade,
    ...(mayNot ? [keys.onlyManagers] : []),
  ].join('\n');
  const [server, person] = [keyOf(settings, 'server'), keyOf(settings, 'person')];
  const enter = { style: ButtonStyle.Secondary } as const;
  const remove = { style: ButtonStyle.Danger } as const;
  const buttons = [
    button({ ...enter, customId: customId('key', 'server'), label: keys.buttons.enter.server, disabled: mayNot }),
    button({ ...enter, customId: customId('key', 'person'), label: keys.buttons.enter.person }),
    button({
      ...remove,
      customId: customId('key-remove', 'server'),
      label: keys.buttons.remove.server,
      disabled: mayNot || !server,
    }),
    button({
      ...remove,
      customId: customId('key-remove', 'person'),
      label: keys.buttons.remove.person,
      disabled: !person,
    }),
  ];
  return says(sentence, rowsOf(buttons));
}

/** Takes the panel's place until it is answered: a removed key cannot be had back. */
export function removalPanel(owner: KeyOwner, last4: string): MessageBody {
  const { askRemoval, buttons } = words().keys;
  return says(
    askRemoval[owner](dotted(last4)),
    rowsOf([
      button({ customId: customId('key-revoke', owner), label: buttons.doRemove, style: ButtonStyle.Danger }),
      button({ customId: customId('key-keep', owner), label: buttons.keep, style: ButtonStyle.Secondary }),
    ]),
  );
}
