import type { API } from '@discordjs/core/http-only';
import type { APIInteraction } from 'discord-api-types/v10';
import { describe, expect, it } from 'vitest';
import { APP, APPROVER, APPROVER_ROLE, GUILD, type Json, JULES_CHANNEL, stages, until } from './support.ts';

const stage = stages({ answerWithinMs: 1_500 });

const COMMANDS = [
  {
    name: 'jules',
    description: 'Ask Jules',
    options: [
      { type: 3, name: 'prompt', description: 'What to do', required: true, max_length: 20 },
      { type: 3, name: 'repo', description: 'Where', autocomplete: true },
    ],
  },
  {
    name: 'config',
    description: 'Settings',
    default_member_permissions: '32',
    options: [
      {
        type: 1,
        name: 'roles',
        description: 'Who may',
        options: [
          { type: 8, name: 'role', description: 'A role' },
          { type: 5, name: 'loud', description: 'Loud or not' },
        ],
      },
    ],
  },
];

/** Logs in, registers the commands and keeps every payload that arrives. */
async function botThat(handle: (interaction: APIInteraction, api: API) => Promise<unknown>) {
  const heard: Json[] = [];
  await stage().login((interaction, api) => {
    heard.push(interaction);
    return handle(interaction, api);
  });
  await stage().api.applicationCommands.bulkOverwriteGuildCommands(APP, GUILD, COMMANDS);
  return heard;
}

const ask = (options: object = { prompt: 'Fix it' }, as = 'requester') =>
  stage().drive('command', { as, name: 'jules', options });

const button = (custom_id: string) => ({
  type: 1 as const,
  components: [{ type: 2 as const, style: 1 as const, label: 'Go', custom_id }],
});

const codeOf = async (promise: Promise<unknown>) => {
  const failure: Json = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  return failure && [failure.status, failure.code];
};

describe('commands', () => {
  it("are asked for in the language of a person's Discord, which they choose", async () => {
    const heard = await botThat(({ id, token }, api) => api.interactions.reply(id, token, { content: 'x', flags: 64 }));
    await ask();
    expect((await stage().drive('locale', { as: 'requester', locale: 'de' })).status).toBe(200);
    await ask();
    await ask({ prompt: 'Fix it' }, 'approver');
    expect(heard.map(({ locale, guild_locale: guild }) => [locale, guild])).toEqual([
      ['en-US', 'en-US'],
      ['de', 'en-US'],
      ['en-US', 'en-US'],
    ]);
    const { accounts } = await stage().state();
    expect(accounts.map(({ name, locale }: Json) => [name, locale])).toContainEqual(['requester', 'de']);
    expect((await stage().drive('locale', { as: 'requester', locale: 'tlh' })).status).toBe(400);
  });

  it('a typed command arrives with everything that Discord sends, and its ephemeral reply is for one pair of eyes', async () => {
    const heard = await botThat(({ id, token }, api) =>
      api.interactions.reply(id, token, { content: 'Recorded', flags: 64 }),
    );
    const { status, body } = await ask();
    expect([status, body.reply.content, body.reply.flags, body.reply.visible_to]).toEqual([
      200,
      'Recorded',
      64,
      'requester',
    ]);
    expect(heard[0]).toMatchObject({
      type: 2,
      application_id: APP,
      guild_id: GUILD,
      channel_id: JULES_CHANNEL,
      context: 0,
      member: { user: { username: 'requester' }, roles: ['1190000000000000022'] },
      data: { name: 'jules', type: 1, options: [{ name: 'prompt', type: 3, value: 'Fix it' }] },
    });
    expect(BigInt(heard[0].app_permissions) & (1n << 11n)).not.toBe(0n);
    expect(BigInt(heard[0].member.permissions) & (1n << 5n)).toBe(0n);
    expect((await stage().state()).messages.at(-1)).toEqual(body.reply);
    await expect(stage().api.channels.getMessage(JULES_CHANNEL, body.reply.id)).rejects.toMatchObject({ code: 10008 });
  });

  it('a subcommand is typed by its full name and carries what its options resolve to', async () => {
    const heard = await botThat(({ id, token }, api) => api.interactions.reply(id, token, { content: 'ok' }));
    const options = { role: 'Release approver', loud: true };
    const answer = await stage().drive('command', { as: 'approver', name: 'config roles', options });
    expect(answer.status).toBe(200);
    expect(heard[0].data.options).toEqual([
      {
        name: 'roles',
        type: 1,
        options: [
          { name: 'role', type: 8, value: APPROVER_ROLE },
          { name: 'loud', type: 5, value: true },
        ],
      },
    ]);
    expect(heard[0].data.resolved.roles[APPROVER_ROLE].name).toBe('Release approver');
  });

  it('what the client would not let through is refused before the bot hears it', async () => {
    const heard = await botThat(async () => undefined);
    const refused = async (body: object) => {
      const answer = await stage().drive('command', body);
      return [answer.status, answer.body.error];
    };
    expect(await refused({ as: 'requester', name: 'jules', options: {} })).toEqual([
      400,
      '/jules wants the option "prompt".',
    ]);
    expect((await refused({ as: 'requester', name: 'jules', options: { prompt: 'x'.repeat(21) } }))[0]).toBe(400);
    expect((await refused({ as: 'requester', name: 'jules', options: { prompt: 'x', nope: 1 } }))[0]).toBe(400);
    expect((await refused({ as: 'requester', name: 'config', options: {} }))[1]).toContain('roles');
    expect((await refused({ as: 'requester', name: 'config roles', options: {} }))[0]).toBe(403);
    expect((await refused({ as: 'nobody', name: 'jules', options: { prompt: 'x' } }))[0]).toBe(404);
    expect((await refused({ as: 'requester', name: 'nope' }))[0]).toBe(404);
    expect(heard).toEqual([]);
  });

  it('a command without an answer fails as people see it, and a late answer is unknown', async () => {
    const heard = await botThat(async () => undefined);
    expect(await ask()).toMatchObject({ status: 504, body: { error: 'The application did not respond' } });
    const { id, token } = heard[0];
    expect(await codeOf(stage().api.interactions.reply(id, token, { content: 'late' }))).toEqual([404, 10062]);
  });

  it('a token lives for fifteen minutes', async () => {
    const heard = await botThat(({ id, token }, api) => api.interactions.reply(id, token, { content: 'one' }));
    await ask();
    const edit = () => codeOf(stage().api.interactions.editReply(APP, heard[0].token, { content: 'two' }));
    const follow = () => codeOf(stage().api.interactions.followUp(APP, heard[0].token, { content: 'three' }));
    await stage().drive('faults', { age: 14 * 60_000 });
    expect([await edit(), await follow()]).toEqual([undefined, undefined]);
    await stage().drive('faults', { age: 60_000 });
    expect([await edit(), await follow()]).toEqual([
      [401, 50027],
      [401, 50027],
    ]);
  });

  it('whether a deferred answer is for one pair of eyes is fixed when it is deferred', async () => {
    await botThat(async ({ id, token }, api) => {
      await api.interactions.defer(id, token);
      await stage().call('PATCH', `/webhooks/${APP}/${token}/messages/@original`, { content: 'done', flags: 4 });
    });
    const { reply } = (await ask()).body;
    expect([reply.content, reply.flags & 64, reply.visible_to]).toEqual(['done', 0, undefined]);
  });

  it('an answer is described when that is asked for', async () => {
    const answers: Json[] = [];
    await botThat(async ({ id, token }) => {
      const callback = { type: 4, data: { content: 'one', flags: 64 } };
      const path = `/interactions/${id}/${token}/callback?with_response=true`;
      answers.push((await stage().call('POST', path, callback)).body);
    });
    const { reply } = (await ask()).body;
    expect(answers[0]).toMatchObject({
      interaction: { type: 2, response_message_id: reply.id, response_message_ephemeral: true },
      resource: { type: 4, message: { id: reply.id, content: 'one' } },
    });
  });

  it.each([6, 7, 8])('a command cannot be answered with type %d', async (type) => {
    const codes: unknown[] = [];
    await botThat(async ({ id, token }) => {
      const { status, body } = await stage().call('POST', `/interactions/${id}/${token}/callback`, {
        type,
        data: type === 8 ? { choices: [] } : { content: 'x' },
      });
      codes.push([status, body.code]);
      await stage().api.interactions.reply(id, token, { content: 'after all' });
    });
    expect((await ask()).body.reply.content).toBe('after all');
    expect(codes).toEqual([[400, 50035]]);
  });

  it('one that is delivered twice is heard twice and answered once', async () => {
    const codes: unknown[] = [];
    const heard = await botThat(async ({ id, token }, api) => {
      codes.push(await codeOf(api.interactions.reply(id, token, { content: 'one' })));
    });
    await stage().drive('faults', { double: 1 });
    expect((await stage().state()).faults).toEqual([{ fault: 'double', says: 'Delivered twice', left: 1 }]);
    await ask();
    await until(() => codes[1]);
    expect(heard[0].id).toBe(heard[1].id);
    expect(codes).toEqual([undefined, [400, 40060]]);
    await ask();
    await until(() => codes[2] ?? (codes.length > 2 ? true : undefined));
    expect(heard).toHaveLength(3);
  });

  it('a second answer is refused as already acknowledged', async () => {
    const heard = await botThat(({ id, token }, api) => api.interactions.reply(id, token, { content: 'one' }));
    await ask();
    const { id, token } = heard[0];
    expect(await codeOf(stage().api.interactions.reply(id, token, { content: 'two' }))).toEqual([400, 40060]);
  });

  it('a deferred reply is shown when its edit comes, and follow-ups after it', async () => {
    const heard = await botThat(async ({ id, token }, api) => {
      await api.interactions.defer(id, token, { flags: 64 });
      await api.interactions.editReply(APP, token, { content: 'done' });
    });
    const { body } = await ask();
    expect([body.reply.content, body.reply.flags]).toEqual(['done', 64]);
    await stage().api.interactions.followUp(APP, heard[0].token, { content: 'and more' });
    expect((await stage().state()).messages.map(({ content }: Json) => content)).toEqual(['done', 'and more']);
  });

  it('an expired token is of no use', async () => {
    const heard = await botThat(({ id, token }, api) => api.interactions.reply(id, token, { content: 'one' }));
    await ask();
    await stage().drive('faults', { tokens: 'expire' });
    const edit = stage().api.interactions.editReply(APP, heard[0].token, { content: 'two' });
    expect(await codeOf(edit)).toEqual([401, 50027]);
  });

  it('the answer to an interaction pings people alone by default', async () => {
    await botThat(({ id, token }, api) =>
      api.interactions.reply(id, token, { content: `<@${APPROVER}> @everyone <@&${APPROVER_ROLE}>` }),
    );
    const { reply } = (await ask()).body;
    expect([reply.mentions, reply.mention_roles, reply.mention_everyone]).toEqual([[APPROVER], [], false]);
  });

  it('an unchanged command keeps its id when it is registered again', async () => {
    await botThat(async () => undefined);
    const before = await stage().api.applicationCommands.getGuildCommands(APP, GUILD);
    const after = await stage().api.applicationCommands.bulkOverwriteGuildCommands(APP, GUILD, COMMANDS);
    expect(after.map(({ id }) => id)).toEqual(before.map(({ id }) => id));
  });
});

describe('autocomplete', () => {
  it('the focused option is marked, and the choices come back', async () => {
    const heard = await botThat(({ id, token }, api) =>
      api.interactions.createAutocompleteResponse(id, token, { choices: [{ name: 'acme/shop', value: 'acme/shop' }] }),
    );
    const input = { as: 'requester', name: 'jules', options: { repo: 'sh' }, focused: 'repo' };
    expect((await stage().drive('autocomplete', input)).body).toEqual({
      choices: [{ name: 'acme/shop', value: 'acme/shop' }],
    });
    expect(heard[0].type).toBe(4);
    expect(heard[0].data.options).toEqual([{ name: 'repo', type: 3, value: 'sh', focused: true }]);
  });
});

describe('buttons, selects and modals', () => {
  const card = async () => {
    const { id } = await stage().api.channels.createMessage(JULES_CHANNEL, {
      content: 'card',
      components: [button('v1:confirm:7')],
    });
    return id;
  };
  const press = (message: string, as = 'approver', more: object = {}) =>
    stage().drive('press', { as, message, custom_id: 'v1:confirm:7', ...more });

  it('a press carries its message, and a deferred update answers nothing', async () => {
    const heard = await botThat(({ id, token }, api) => api.interactions.deferMessageUpdate(id, token));
    const message = await card();
    expect(await press(message)).toMatchObject({ status: 200, body: {} });
    expect(heard[0]).toMatchObject({
      type: 3,
      message: { id: message, content: 'card' },
      data: { component_type: 2, custom_id: 'v1:confirm:7', id: 2 },
      member: { user: { username: 'approver' } },
    });
  });

  it('an update changes the message in place', async () => {
    await botThat(({ id, token }, api) =>
      api.interactions.updateMessage(id, token, { content: 'new', components: [] }),
    );
    const message = await card();
    expect((await press(message)).body.reply).toMatchObject({ id: message, content: 'new', components: [] });
  });

  it('nobody presses what is not there, is disabled, or is shown to another', async () => {
    await botThat(({ id, token }, api) =>
      api.interactions.reply(id, token, { flags: 64, content: 'psst', components: [button('v1:confirm:7')] }),
    );
    const { reply } = (await ask()).body;
    expect((await press(reply.id, 'approver')).status).toBe(404);
    expect((await press('1')).status).toBe(404);
    const off = { ...button('v1:confirm:7').components[0], disabled: true };
    const { id } = await stage().api.channels.createMessage(JULES_CHANNEL, {
      content: 'x',
      components: [{ type: 1, components: [off as never] }],
    });
    expect((await press(id)).body.error).toContain('disabled');
  });

  it('a role select resolves the roles that were picked', async () => {
    const heard = await botThat(({ id, token }, api) => api.interactions.deferMessageUpdate(id, token));
    const { id } = await stage().api.channels.createMessage(JULES_CHANNEL, {
      content: 'who?',
      components: [{ type: 1, components: [{ type: 6, custom_id: 'roles', min_values: 1, max_values: 2 }] }],
    });
    const pick = (values: string[]) =>
      stage().drive('press', { as: 'approver', message: id, custom_id: 'roles', values });
    expect((await pick(['Developer', 'Release approver'])).status).toBe(200);
    expect(heard[0].data.values).toEqual(['1190000000000000022', APPROVER_ROLE]);
    expect(Object.keys(heard[0].data.resolved.roles)).toHaveLength(2);
    expect((await pick([])).status).toBe(400);
    expect((await pick(['nope'])).status).toBe(404);
  });

  it('a modal is opened, listed, checked, and sent with its fields', async () => {
    const heard = await botThat(async (interaction, api) => {
      const { id, token } = interaction;
      if (interaction.type === 5) return api.interactions.reply(id, token, { content: 'rejected', flags: 64 });
      return api.interactions.createModal(id, token, {
        custom_id: 'reason:7',
        title: 'Reject',
        components: [
          {
            type: 18,
            label: 'Why',
            component: { type: 4, custom_id: 'why', style: 2, min_length: 3, max_length: 10 },
          },
          {
            type: 18,
            label: 'Who',
            component: { type: 5, custom_id: 'who', required: false },
          },
        ],
      });
    });
    const message = await card();
    const opened = await press(message);
    expect(opened.body.modal).toMatchObject({ as: 'approver', custom_id: 'reason:7', title: 'Reject', message });
    expect((await stage().state()).modals).toEqual([opened.body.modal]);
    const submit = (fields: object) =>
      stage().drive('modal', { as: 'approver', custom_id: 'reason:7', fields, message });
    expect((await submit({})).body.error).toBe('"Why" must be filled in.');
    expect((await submit({ why: 'no' })).body.error).toContain('at least 3');
    expect((await submit({ why: 'far too long' })).status).toBe(400);
    const sent = await submit({ why: 'too big', who: ['requester'] });
    expect(sent.body.reply).toMatchObject({ content: 'rejected', visible_to: 'approver' });
    expect(heard[1]).toMatchObject({
      type: 5,
      message: { id: message },
      data: {
        custom_id: 'reason:7',
        components: [
          { type: 18, component: { type: 4, custom_id: 'why', value: 'too big' } },
          { type: 18, component: { type: 5, custom_id: 'who', values: ['1190000000000000042'] } },
        ],
      },
    });
    expect((await stage().state()).modals).toEqual([]);
    expect((await submit({ why: 'again' })).status).toBe(404);
  });

  it('a modal of the older kind is sent in rows', async () => {
    const heard = await botThat(async (interaction, api) => {
      const { id, token } = interaction;
      if (interaction.type === 5) return api.interactions.reply(id, token, { content: 'ok' });
      return api.interactions.createModal(id, token, {
        custom_id: 'old',
        title: 'Old',
        components: [{ type: 1, components: [{ type: 4, custom_id: 'a', style: 1, label: 'A' }] }],
      });
    });
    await ask();
    const fields = { a: 'text' };
    expect((await stage().drive('modal', { as: 'requester', custom_id: 'old', fields })).status).toBe(200);
    expect(heard[1].data.components).toMatchObject([{ type: 1, components: [{ type: 4, value: 'text' }] }]);
  });

  it('a modal never follows a modal', async () => {
    const codes: unknown[] = [];
    await botThat(async ({ id, token }, api) => {
      const components = [
        { type: 1 as const, components: [{ type: 4, custom_id: 'a', style: 1, label: 'A' } as const] },
      ];
      codes.push(await codeOf(api.interactions.createModal(id, token, { custom_id: 'm', title: 'M', components })));
    });
    await ask();
    await stage().drive('modal', { as: 'requester', custom_id: 'm', fields: { a: 'x' } });
    expect(codes).toEqual([undefined, [400, 50035]]);
  });

  it('a press in a direct message names the person and no guild', async () => {
    const heard = await botThat(({ id, token }, api) => api.interactions.deferMessageUpdate(id, token));
    const { id: dm } = await stage().api.users.createDM(APPROVER);
    const { id } = await stage().api.channels.createMessage(dm, { content: 'x', components: [button('v1:confirm:7')] });
    expect((await press(id)).status).toBe(200);
    expect(heard[0]).toMatchObject({ user: { username: 'approver' }, context: 1, channel_id: dm });
    expect([heard[0].guild_id, heard[0].member]).toEqual([undefined, undefined]);
    expect((await press(id, 'requester')).status).toBe(403);
  });

  it('an interaction that was sent while the gateway was cut arrives after the resume', async () => {
    const heard = await botThat(({ id, token }, api) => api.interactions.deferMessageUpdate(id, token));
    const message = await card();
    await stage().drive('faults', { gateway: 'drop' });
    await press(message);
    await until(() => heard[0]);
    expect(heard).toHaveLength(1);
  });
});

describe('the menu of a message', () => {
  const OF_MESSAGES = [{ type: 3 as const, name: 'Send to Bot', contexts: [0] as const }];
  const menu = (message: string, as = 'requester', name = 'Send to Bot') =>
    stage().drive('menu', { as, name, message });

  it('sends the whole message along, though not as the one that was used', async () => {
    const heard = await botThat(({ id, token }, api) =>
      api.interactions.createModal(id, token, {
        title: 'A form',
        custom_id: 'form',
        components: [
          { type: 18, label: 'Say', component: { type: 4, custom_id: 'said', style: 1, value: 'prefilled' } },
        ],
      }),
    );
    await stage().api.applicationCommands.bulkOverwriteGlobalCommands(APP, OF_MESSAGES as never);
    const { body } = await stage().drive('say', { as: 'approver', content: 'Look at this' });
    const opened = await menu(body.message.id);
    expect(opened.body.modal.custom_id).toBe('form');
    expect(heard[0]).toMatchObject({ type: 2, data: { type: 3, name: 'Send to Bot', target_id: body.message.id } });
    expect(heard[0].data.resolved.messages[body.message.id]).toMatchObject({
      content: 'Look at this',
      author: { username: 'approver' },
    });
    expect(heard[0].message).toBeUndefined();
  });

  it('offers what was registered, for messages that the person sees', async () => {
    await botThat(async () => undefined);
    const { body } = await stage().drive('say', { as: 'approver', content: 'Look' });
    expect((await menu(body.message.id)).body.error).toMatch(/not registered a command Send to Bot/);
    await stage().api.applicationCommands.bulkOverwriteGlobalCommands(APP, OF_MESSAGES as never);
    expect((await menu('123')).body.error).toMatch(/no message 123/);
  });
});
