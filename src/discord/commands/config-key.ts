import { type APIButtonComponent, ButtonStyle, ComponentType } from 'discord-api-types/v10';
import { ago, type MessageBody, rowsOf } from '#discord/cards/body.ts';
import { defineCommand } from '#discord/command.ts';
import { customId } from '#discord/custom-id.ts';
import { says } from '#discord/reply.ts';
import { inline } from '#discord/text.ts';
import type { KeyOwner } from '#guilds/add-key.ts';
import type { Settings } from '#guilds/settings.ts';
import { withSettings } from './settings-read.ts';

type Facts = { readonly customId: string; readonly label: string; readonly disabled: boolean };

const button = (facts: Facts, style: ButtonStyle.Secondary | ButtonStyle.Danger): APIButtonComponent => ({
  type: ComponentType.Button,
  custom_id: facts.customId,
  label: facts.label,
  style,
  disabled: facts.disabled,
});

const keyOf = ({ keys }: Settings, owner: KeyOwner) => keys.find((key) => key.owner === owner);

function keyLine(settings: Settings, owner: KeyOwner): string {
  const key = keyOf(settings, owner);
  return key ? `•••• ${inline(key.last4, 12)}, entered ${ago(key.added_at)}` : 'none';
}

const IN_USE: Record<KeyOwner, string> = { person: 'your own key', server: "the server's key" };

/** The keys that apply to this person; a key is only ever entered in a modal, where nobody else sees it. */
export function keyPanel(settings: Settings): MessageBody {
  const used = settings.key_in_use;
  const mayNot = !settings.may_change;
  const sentence = [
    `**Server key:** ${keyLine(settings, 'server')}`,
    `**Your key:** ${keyLine(settings, 'person')}`,
    used ? `Your tasks use ${IN_USE[used.owner]}.` : 'Without a key no task can start.',
    'Keys are made at jules.google.com/settings#api. They are stored sealed and never shown again.',
    ...(mayNot ? ['Only people with Manage Server may change the server key.'] : []),
  ].join('\n');
  const [server, person] = [keyOf(settings, 'server'), keyOf(settings, 'person')];
  const buttons = [
    button({ customId: customId('key', 'server'), label: 'Server key…', disabled: mayNot }, ButtonStyle.Secondary),
    button({ customId: customId('key', 'person'), label: 'My key…', disabled: false }, ButtonStyle.Secondary),
    button(
      { customId: customId('key-remove', 'server'), label: 'Remove server key', disabled: mayNot || !server },
      ButtonStyle.Danger,
    ),
    button(
      { customId: customId('key-remove', 'person'), label: 'Remove my key', disabled: !person },
      ButtonStyle.Danger,
    ),
  ];
  return says(sentence, rowsOf(buttons));
}

export const configKey = defineCommand({
  name: 'key',
  description: 'The Jules keys of this server and of you',
  operation: 'settings.read',
  options: {},
  run: (context) =>
    withSettings(context, (settings) => ({ kind: 'message', ephemeral: true, body: keyPanel(settings) })),
});
