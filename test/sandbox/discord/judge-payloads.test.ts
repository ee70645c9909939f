import { API } from '@discordjs/core/http-only';
import {
  type BaseInteraction,
  Client,
  Events,
  GatewayIntentBits,
  type Message,
  MessageFlags,
  Partials,
} from 'discord.js';
import { afterEach, describe, expect, it } from 'vitest';
import { APP, APPROVER_ROLE, GUILD, JULES_CHANNEL, REQUESTER, stages, until } from './support.ts';

const stage = stages();

const open: Client[] = [];
afterEach(async () => {
  for (const client of open.splice(0)) await client.destroy();
});

/** A real discord.js client that hears everything, and what it could not make sense of. */
async function everythingHeard() {
  const { discord, apiBase } = stage();
  const { Guilds, GuildMessages, GuildMessageReactions, DirectMessages } = GatewayIntentBits;
  const client = new Client({
    intents: [Guilds, GuildMessages, GuildMessageReactions, DirectMessages],
    partials: [Partials.Channel],
    rest: { api: apiBase, retries: 0 },
  });
  open.push(client);
  const wrong: unknown[] = [];
  client.on(Events.Error, (error) => wrong.push(error));
  client.on(Events.Warn, (warning) => wrong.push(warning));
  const interactions: BaseInteraction[] = [];
  client.on(Events.InteractionCreate, (interaction) => interactions.push(interaction));
  const ready = new Promise((done) => client.once(Events.ClientReady, done));
  await client.login(discord.token);
  await ready;
  return { client, wrong, interactions };
}

const COMMANDS = [
  {
    name: 'try',
    description: 'Every kind of option',
    options: [
      { type: 3, name: 'text', description: 'd', required: true, autocomplete: true },
      { type: 4, name: 'count', description: 'd' },
      { type: 5, name: 'loud', description: 'd' },
      { type: 6, name: 'person', description: 'd' },
      { type: 7, name: 'place', description: 'd' },
      { type: 8, name: 'role', description: 'd' },
      { type: 9, name: 'anyone', description: 'd' },
      { type: 10, name: 'share', description: 'd' },
    ],
  },
];

const CARD = {
  content: `<@${REQUESTER}>`,
  embeds: [{ title: 'Card', color: 0x3498db, fields: [{ name: 'n', value: 'v' }] }],
  components: [
    { type: 1, components: [{ type: 2, style: 1, label: 'Go', custom_id: 'go' }] },
    { type: 1, components: [{ type: 6, custom_id: 'roles', min_values: 0, max_values: 5 }] },
  ],
};
const V2 = {
  flags: MessageFlags.IsComponentsV2,
  components: [{ type: 17, components: [{ type: 10, content: 'hello' }] }],
};

const dated = (message: Message) => message.createdTimestamp > Date.parse('2026-01-01');

describe('discord.js makes sense of', () => {
  it('READY, the server, its channels, threads, people and roles', async () => {
    const { call } = stage();
    const { body: card } = await call('POST', `/channels/${JULES_CHANNEL}/messages`, CARD);
    await call('POST', `/channels/${JULES_CHANNEL}/messages/${card.id}/threads`, { name: 'work' });
    const { client, wrong } = await everythingHeard();
    const guild = client.guilds.cache.get(GUILD);
    expect([client.user?.id, client.application?.id, guild?.available]).toEqual([APP, APP, true]);
    expect(guild?.roles.everyone.permissions.has('SendMessages')).toBe(true);
    expect(guild?.roles.cache.get(APPROVER_ROLE)?.hexColor).toBe('#2ecc71');
    const thread = guild?.channels.cache.get(card.id);
    expect(thread?.isThread() && [thread.name, thread.parent?.name, thread.archived]).toEqual(['work', 'jules', false]);
    const member = await guild?.members.fetch(REQUESTER);
    expect(member?.roles.cache.map(({ name }) => name)).toEqual(['@everyone', 'Developer']);
    expect(wrong).toEqual([]);
  });

  it('messages, their edits, replies, reactions, threads and ends', async () => {
    const { client, wrong } = await everythingHeard();
    const heard: Message[] = [];
    const told: string[] = [];
    const mentioned: string[][] = [];
    client.on(Events.MessageCreate, (message) => {
      heard.push(message);
      mentioned.push(message.mentions.users.map(({ username }) => username));
    });
    client.on(Events.MessageUpdate, (_, message) => told.push(`edited ${message.content}`));
    client.on(Events.MessageReactionAdd, ({ emoji, count }) => told.push(`${emoji.name} ${count}`));
    client.on(Events.ThreadCreate, ({ name }) => told.push(`thread ${name}`));
    client.on(Events.ThreadUpdate, (_, { archived }) => told.push(`archived ${archived}`));
    client.on(Events.MessageDelete, ({ id }) => told.push(`deleted ${id}`));
    const { call, api, drive } = stage();
    const messages = `/channels/${JULES_CHANNEL}/messages`;
    const { body: card } = await call('POST', messages, CARD);
    await call('POST', messages, V2);
    await call('POST', messages, { content: 'x', message_reference: { message_id: card.id } });
    await drive('say', { as: 'requester', content: 'hello' });
    await call('PATCH', `${messages}/${card.id}`, { content: 'new' });
    await api.channels.addMessageReaction(JULES_CHANNEL, card.id, '✅');
    await call('POST', `${messages}/${card.id}/threads`, { name: 'work' });
    await call('PATCH', `/channels/${card.id}`, { archived: true });
    await call('DELETE', `${messages}/${card.id}`);
    const { body: dm } = await call('POST', '/users/@me/channels', { recipient_id: REQUESTER });
    await call('POST', `/channels/${dm.id}/messages`, { content: 'psst' });
    await until(() => (heard.length === 5 && told.some((line) => line.startsWith('deleted')) ? true : undefined));
    const [first, second, reply, human, direct] = heard;
    expect(first?.embeds[0]).toMatchObject({ title: 'Card', hexColor: '#3498db' });
    expect(mentioned).toEqual([['requester'], [], ['Verne'], [], []]);
    expect(second?.flags.has(MessageFlags.IsComponentsV2)).toBe(true);
    expect(reply?.reference).toMatchObject({ messageId: card.id, channelId: JULES_CHANNEL });
    expect([human?.content, human?.author.username, human?.member?.roles.cache.size]).toEqual(['', 'requester', 2]);
    expect([direct?.channel.isDMBased(), direct?.guild]).toEqual([true, null]);
    expect(heard.every(dated)).toBe(true);
    const changed = expect.stringMatching(/^edited /);
    expect(told).toEqual(['edited new', '✅ 1', 'thread work', changed, 'archived true', `deleted ${card.id}`]);
    expect(wrong).toEqual([]);
  });

  it('commands with every kind of option, completion, buttons, selects and modals', async () => {
    const { client, wrong, interactions } = await everythingHeard();
    const { api, drive, call } = stage();
    await api.applicationCommands.bulkOverwriteGuildCommands(APP, GUILD, COMMANDS);
    const rest = new API(client.rest);
    const answer = async (interaction: BaseInteraction) => {
      if (interaction.isAutocomplete()) return interaction.respond([{ name: 'a', value: 'a' }]);
      if (interaction.isChatInputCommand()) return interaction.reply({ content: 'ok', flags: 64 });
      if (interaction.isButton()) {
        const input = {
          type: 18 as const,
          label: 'Why',
          component: { type: 4 as const, custom_id: 'why', style: 1 as const },
        };
        return rest.interactions.createModal(interaction.id, interaction.token, {
          custom_id: 'ask',
          title: 'Ask',
          components: [input],
        });
      }
      return interaction.isRepliable() ? interaction.reply({ content: 'ok', flags: 64 }) : undefined;
    };
    client.on(Events.InteractionCreate, (interaction) => void answer(interaction));
    const options = {
      text: 'a',
      count: 3,
      loud: true,
      person: 'requester',
      place: 'general',
      role: 'Developer',
      anyone: 'approver',
      share: 0.5,
    };
    const as = 'approver';
    expect((await drive('autocomplete', { as, name: 'try', options: { text: 'a' }, focused: 'text' })).status).toBe(
      200,
    );
    expect((await drive('command', { as, name: 'try', options })).status).toBe(200);
    const { body: card } = await call('POST', `/channels/${JULES_CHANNEL}/messages`, CARD);
    expect((await drive('press', { as, message: card.id, custom_id: 'roles', values: ['Developer'] })).status).toBe(
      200,
    );
    expect((await drive('press', { as, message: card.id, custom_id: 'go' })).status).toBe(200);
    expect((await drive('modal', { as, custom_id: 'ask', fields: { why: 'Because' } })).status).toBe(200);
    const [completion, command, select, button, modal] = interactions;
    expect(completion?.isAutocomplete() && completion.options.getFocused()).toBe('a');
    expect(command?.isChatInputCommand() && command.options.getUser('person')?.username).toBe('requester');
    expect(command?.isChatInputCommand() && command.options.getChannel('place')?.name).toBe('general');
    expect(command?.isChatInputCommand() && command.options.getNumber('share')).toBe(0.5);
    expect(command?.inCachedGuild() && command.member.permissions.has('ManageGuild')).toBe(true);
    expect(select?.isRoleSelectMenu() && select.roles.map((role) => role?.name)).toEqual(['Developer']);
    expect(button?.isButton() && [button.message.id, button.customId]).toEqual([card.id, 'go']);
    expect(modal?.isModalSubmit() && modal.fields.getTextInputValue('why')).toBe('Because');
    expect(stage().discord.world.refused.first).toEqual([]);
    expect(wrong).toEqual([]);
  });
});
