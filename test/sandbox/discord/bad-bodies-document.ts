import {
  aMessage,
  type Bad,
  bad,
  button,
  callback,
  command,
  container,
  edit,
  fields,
  followUp,
  input,
  label,
  long,
  modal,
  option,
  options,
  post,
  register,
  row,
  text,
  thread,
  V2,
  withButton,
  withSelect,
} from './bodies.ts';

const spec = bad('fitsTheDocument');
const stranger = bad('namesOnlyKnownKeys');

export const BY_DOCUMENT: readonly Bad[] = [
  spec('a content that is no text', 'content', post({ content: 5 })),
  spec('eleven embeds', 'embeds', post({ embeds: Array.from({ length: 11 }, () => ({ title: 't' })) })),
  spec('an embed title of 257', 'embeds.0.title', post({ embeds: [{ title: long(257) }] })),
  spec('a description of 4097', 'embeds.0.description', post({ embeds: [{ description: long(4097) }] })),
  spec('26 fields', 'embeds.0.fields', post({ embeds: [{ fields: fields(26) }] })),
  spec(
    'a field of 1025',
    'embeds.0.fields.0.value',
    post({ embeds: [{ fields: [{ name: 'n', value: long(1025) }] }] }),
  ),
  spec('a footer of 2049', 'embeds.0.footer.text', post({ embeds: [{ footer: { text: long(2049) } }] })),
  spec('a colour beyond white', 'embeds.0.color', post({ embeds: [{ title: 't', color: 0x1000000 }] })),
  spec('a button label of 81', 'components.0.components.0.label', withButton({ label: long(81) })),
  spec('a custom id of 101', 'components.0.components.0.custom_id', withButton({ custom_id: long(101) })),
  spec(
    'a url of 513',
    'components.0.components.0.url',
    withButton({ style: 5, custom_id: undefined, url: `https://a.b/${long(502)}` }),
  ),
  spec(
    'six buttons in a row',
    'components.0.components',
    post({
      content: 'x',
      components: [row(...Array.from({ length: 6 }, (_, at) => button({ custom_id: `b${at}` })))],
    }),
  ),
  spec('a row in a row', 'components.0.components.0', post({ content: 'x', components: [row(row(button()))] })),
  spec('a button outside a row', 'components.0', post({ flags: V2, components: [button()] })),
  spec('a select of 26', 'components.0.components.0.options', withSelect({ options: options(26) })),
  spec('a select of none', 'components.0.components.0.options', withSelect({ options: [] })),
  spec('a placeholder of 151', 'components.0.components.0.placeholder', withSelect({ placeholder: long(151) })),
  spec(
    'a gallery of eleven',
    'components.0.items',
    followUp({
      flags: V2,
      components: [{ type: 12, items: Array.from({ length: 11 }, () => ({ media: { url: 'https://a.example' } })) }],
    }),
  ),
  spec(
    'a section of four texts',
    'components.0.components',
    post({
      flags: V2,
      components: [{ type: 9, components: [text(), text(), text(), text()], accessory: button() }],
    }),
  ),
  spec(
    'a container in a container',
    'components.0.components.0',
    post({ flags: V2, components: [container(container(text()))] }),
  ),
  spec(
    'a mention that is no id',
    'allowed_mentions.users.0',
    post({ content: 'x', allowed_mentions: { users: ['ada'] } }),
  ),
  spec(
    'a kind of mention that is none',
    'allowed_mentions.parse.0',
    post({ content: 'x', allowed_mentions: { parse: ['all'] } }),
  ),
  spec('a reply to no message', 'message_reference.message_id', post({ content: 'x', message_reference: {} })),
  spec('an answer of an unknown type', 'type', callback(99)),
  spec('a modal title of 46', 'data.title', modal({ title: long(46) })),
  spec('a modal without a title', 'data.title', modal({ title: undefined })),
  spec('a label of 46', 'data.components.0.label', modal({ components: [label(input(), { label: long(46) })] })),
  spec('a button in a label', 'data.components.0.component', modal({ components: [label(button())] })),
  spec(
    '26 choices',
    'data.choices',
    callback(8, { choices: Array.from({ length: 26 }, () => ({ name: 'n', value: 'v' })) }),
  ),
  spec('a choice named by 101', 'data.choices.0.name', callback(8, { choices: [{ name: long(101), value: 'v' }] })),
  spec('a thread name of 101', 'name', thread({ name: long(101) })),
  spec('an archiving after two hours', 'auto_archive_duration', thread({ name: 'x', auto_archive_duration: 120 })),
  spec('a command name of 33', '0.name', register([command({ name: long(33) })])),
  spec(
    '26 options',
    '0.options',
    register([command({ options: Array.from({ length: 26 }, (_, at) => option({ name: `o${at}` })) })]),
  ),
  spec(
    'an option without a description',
    '0.options.0.description',
    register([command({ options: [option({ description: undefined })] })]),
  ),
  spec(
    'permissions that are no number',
    '0.default_member_permissions',
    register([command({ default_member_permissions: 'all' })]),
  ),
];

export const STRANGERS: readonly Bad[] = [
  stranger(
    'a misspelt allowed_mentions',
    'allowedMentions',
    post({ content: '@everyone', allowedMentions: { parse: [] } }),
  ),
  stranger(
    'one inside',
    'allowed_mentions.repliedUser',
    post({ content: 'x', allowed_mentions: { repliedUser: false } }),
  ),
  stranger(
    'one in an edit',
    'allowedMentions',
    edit({ content: '@everyone', allowedMentions: { parse: [] } }, aMessage()),
  ),
  stranger(
    'one in an answer',
    'data.allowedMentions',
    callback(4, { content: '@here', allowedMentions: { parse: [] } }),
  ),
  stranger('a misspelt key of a component', 'components.0.components.0.customId', withButton({ customId: 'x' })),
  stranger('a misspelt key of an embed', 'embeds.0.colour', post({ embeds: [{ title: 't', colour: 1 }] })),
  stranger(
    'a misspelt key of an option',
    '0.options.0.maxLength',
    register([command({ options: [option({ maxLength: 5 })] })]),
  ),
  stranger('a misspelt key of a thread', 'autoArchiveDuration', thread({ name: 'x', autoArchiveDuration: 60 })),
  stranger(
    'a misspelt key of a field',
    'data.components.0.component.maxLength',
    modal({ components: [label(input({ maxLength: 5 }))] }),
  ),
  ...['constructor', 'toString', 'valueOf', '__proto__'].map((key) =>
    stranger(`one that every object has: ${key}`, key, post({ content: 'x', ...JSON.parse(`{"${key}": 1}`) })),
  ),
  stranger('what only messages of the other kind have', 'nonce', followUp({ content: 'x', nonce: '1' })),
];
