import type { Sent } from '#sandbox/discord/judge/rule.ts';
import {
  aMessage,
  type Bad,
  type Body,
  bad,
  button,
  callback,
  container,
  edit,
  followUp,
  input,
  label,
  long,
  modal,
  options,
  post,
  row,
  select,
  text,
  thread,
  upload,
  V2,
  withButton,
  withSelect,
} from './bodies.ts';

const empty = bad('saysSomething');
const edges = bad('embedEdgesSaySomething');
const links = bad('embedLinksAreWeb');
const pictures = bad('picturesAreWebOrUploads');
const shown = bad('shownUploadsAreThere');
const listed = bad('listedUploadsAreThere');
const twice = bad('mentionsListedOnce');
const later = bad('deferredSaysNothingYet');
const withEmbed = (facts: Body, files?: Sent['files']) => post({ embeds: [{ title: 't', ...facts }] }, files);
const v2 = (component: object, files?: Sent['files']) => post({ flags: V2, components: [component] }, files);
const ID = '1300000000000000001';
const legacy = bad('v2HasNeitherContentNorEmbeds');
const rows = (count: number) => Array.from({ length: count }, (_, at) => row(button({ custom_id: `b${at}` })));

export const OF_MESSAGES: readonly Bad[] = [
  bad('contentUpTo2000')('2001 characters', 'content', post({ content: long(2001) })),
  bad('contentUpTo2000')('2001 characters in an edit', 'content', edit({ content: long(2001) }, aMessage())),
  bad('embedsUpTo6000InSum')(
    '6001 in two embeds',
    'embeds',
    post({ embeds: [{ description: long(4000) }, { description: long(2001) }] }),
  ),
  bad('embedFieldsSaySomething')(
    'a field without a value',
    'embeds.0.fields.0.value',
    post({ embeds: [{ fields: [{ name: 'n', value: '' }] }] }),
  ),
  bad('contentUpTo2000')('2001 emoji', 'content', post({ content: '🦀'.repeat(2001) })),
  edges('an empty footer', 'embeds.0.footer.text', withEmbed({ footer: { text: '' } })),
  edges('an author of spaces', 'embeds.0.author.name', withEmbed({ author: { name: '  ' } })),
  links('an embed that leads to a script', 'embeds.0.url', withEmbed({ url: 'javascript:alert(1)' })),
  links(
    'an author at another door',
    'embeds.0.author.url',
    withEmbed({ author: { name: 'a', url: 'ftp://a.example' } }),
  ),
  pictures('a picture of data', 'embeds.0.image.url', withEmbed({ image: { url: 'data:image/png;base64,AA' } })),
  pictures(
    'an icon from a disk',
    'embeds.0.footer.icon_url',
    withEmbed({ footer: { text: 'f', icon_url: 'file:///etc/passwd' } }),
  ),
  pictures(
    'a thumbnail of a section from a disk',
    'components.0.accessory.media.url',
    v2({ type: 9, components: [text()], accessory: { type: 11, media: { url: 'file:///a.png' } } }),
  ),
  shown(
    'an embed of a file that did not come',
    'embeds.0.image.url',
    withEmbed({ image: { url: 'attachment://x.png' } }),
  ),
  shown(
    'an embed of another file',
    'embeds.0.thumbnail.url',
    withEmbed({ thumbnail: { url: 'attachment://x.png' } }, [upload('y.png')]),
  ),
  shown('a file that did not come', 'components.0.file.url', v2({ type: 13, file: { url: 'attachment://x.diff' } })),
  shown(
    'a gallery of one that came and one that did not',
    'components.0.items.1.media.url',
    v2({ type: 12, items: ['x.png', 'y.png'].map((name) => ({ media: { url: `attachment://${name}` } })) }, [
      upload('x.png'),
    ]),
  ),
  listed('the first file of none', 'attachments.0', post({ content: 'x', attachments: [{ id: 0 }] })),
  listed(
    'the second file of one',
    'attachments.1',
    post({ content: 'x', attachments: [{ id: 0 }, { id: '1' }] }, [upload('x.diff')]),
  ),
  listed(
    'an edit that keeps what was not there',
    'attachments.0',
    edit({ content: 'x', attachments: [{ id: ID }] }, aMessage()),
  ),
  twice(
    'a kind twice',
    'allowed_mentions.parse.1',
    post({ content: 'x', allowed_mentions: { parse: ['users', 'users'] } }),
  ),
  twice('a person twice', 'allowed_mentions.users.1', post({ content: 'x', allowed_mentions: { users: [ID, ID] } })),
  twice('a role twice', 'allowed_mentions.roles.1', post({ content: 'x', allowed_mentions: { roles: [ID, ID] } })),
  later('"thinking…" that says something', 'data.content', callback(5, { content: 'x', flags: 64 })),
  later('"thinking…" that mentions nobody', 'data.allowed_mentions', callback(5, { allowed_mentions: { parse: [] } })),
  bad('deferredUpdateHasNoData')('an update that comes later, told now', 'data', callback(6, { content: 'x' })),
  bad('placesAreNamed')('a thread named by spaces', 'name', thread({ name: '  ' })),
  empty('nothing', '', post({})),
  empty('spaces', '', post({ content: ' \n' })),
  empty('an embed of nothing', '', post({ embeds: [{}] })),
  empty('an embed of spaces', '', post({ embeds: [{ title: ' ' }] })),
  empty('an embed of no fields', '', post({ embeds: [{ fields: [] }] })),
  empty('an embed of a colour', '', post({ embeds: [{ color: 1, url: 'https://a.example' }] })),
  empty('an answer of nothing', 'data', callback(4, { flags: 64 })),
  empty('an edit that leaves nothing', '', edit({ content: '' }, aMessage())),
  bad('upTo5Rows')('six rows', 'components', post({ content: 'x', components: rows(6) })),
  bad('onlyRowsWithoutV2')(
    'a text display without the flag',
    'components.0.type',
    post({ content: 'x', components: [text()] }),
  ),
  legacy('content with the flag', 'content', post({ content: 'x', flags: V2, components: [text()] })),
  legacy('embeds with the flag', 'embeds', post({ embeds: [{ title: 't' }], flags: V2, components: [text()] })),
  legacy(
    'content for a message that has the flag',
    'content',
    edit({ content: 'x' }, aMessage({ content: '', flags: V2, components: [text()] })),
  ),
  legacy('the flag for a message that has content', 'content', edit({ flags: V2, components: [text()] }, aMessage())),
  bad('v2UpTo40Components')(
    '41 components, nested',
    'components',
    post({
      flags: V2,
      components: [
        container(...Array.from({ length: 20 }, () => text())),
        container(...Array.from({ length: 19 }, () => text())),
      ],
    }),
  ),
  bad('v2UpTo4000InSum')(
    '4001 characters in two texts',
    'components',
    post({ flags: V2, components: [text(long(4000)), text('x')] }),
  ),
  bad('mentionsEitherParsedOrListed')(
    'users parsed and listed',
    'allowed_mentions',
    post({ content: 'x', allowed_mentions: { parse: ['users'], users: ['1300000000000000001'] } }),
  ),
  bad('ephemeralOnlyInAnswers')('an ephemeral message', 'flags', post({ content: 'x', flags: 64 })),
  bad('deferredIsEphemeralOrNot')('"thinking…" in components V2', 'data.flags', callback(5, { flags: V2 })),
  bad('fitsTheDocument')('a nonce of 26', 'nonce', post({ content: 'x', nonce: long(26) })),
  bad('namesNotDiscord')(
    'a webhook that calls itself Discord',
    'username',
    followUp({ content: 'x', username: 'My Discord' }),
  ),
  bad('namesNotDiscord')(
    'a webhook that calls itself Clyde',
    'username',
    followUp({ content: 'x', username: 'CLYDE' }),
  ),
];

const inRow = 'components.0.components.0';
export const OF_COMPONENTS: readonly Bad[] = [
  bad('buttonNeedsCustomId')('a button without an id', `${inRow}.custom_id`, withButton({ custom_id: undefined })),
  bad('linkNeedsUrl')('a link to nowhere', `${inRow}.url`, withButton({ style: 5, custom_id: undefined })),
  bad('linkHasNoCustomId')(
    'a link with an id',
    `${inRow}.custom_id`,
    withButton({ style: 5, url: 'https://a.example' }),
  ),
  bad('onlyLinksHaveUrls')('a button with a url', `${inRow}.url`, withButton({ url: 'https://a.example' })),
  bad('linkSchemeIsWeb')(
    'a link to a script',
    `${inRow}.url`,
    withButton({ style: 5, custom_id: undefined, url: 'javascript:alert(1)' }),
  ),
  bad('premiumHasOnlyItsSku')(
    'a premium button with a label',
    inRow,
    withButton({ style: 6, custom_id: undefined, sku_id: '1' }),
  ),
  bad('buttonShowsSomething')('a button without a face', inRow, withButton({ label: undefined })),
  bad('buttonShowsSomething')('a button of spaces', inRow, withButton({ label: '  ' })),
  bad('optionsSaySomething')(
    'an option of spaces',
    `${inRow}.options.0.label`,
    withSelect({ options: [{ label: '  ', value: 'v' }] }),
  ),
  bad('defaultsFitTogether')(
    'two chosen, at most one',
    `${inRow}.options`,
    withSelect({ options: options(3).map((one, at) => ({ ...one, default: at < 2 })) }),
  ),
  bad('defaultsFitTogether')(
    'two people chosen, at most one',
    `${inRow}.default_values`,
    post({
      content: 'x',
      components: [row({ type: 5, custom_id: 'who', default_values: ['1', '2'].map((id) => ({ id, type: 'user' })) })],
    }),
  ),
  bad('rowHoldsButtonsOrOneSelect')(
    'a button beside a select',
    'components.0.components',
    post({ content: 'x', components: [row(button(), select())] }),
  ),
  bad('rowHoldsButtonsOrOneSelect')(
    'two selects in a row',
    'components.0.components',
    post({ content: 'x', components: [row(select(), select({ custom_id: 'b' }))] }),
  ),
  bad('customIdsDiffer')(
    'the same id in two rows',
    'components.1.components.0.custom_id',
    post({ content: 'x', components: [row(button()), row(button())] }),
  ),
  bad('customIdsDiffer')(
    'the same id in a modal',
    'data.components.1.component.custom_id',
    modal({ components: [label(input()), label(input())] }),
  ),
  bad('numbersDiffer')(
    'the same number twice',
    'components.0.components.1.id',
    post({ content: 'x', components: [row(button({ id: 7 }), button({ id: 7, custom_id: 'b' }))] }),
  ),
  bad('optionValuesDiffer')(
    'the same value twice',
    `${inRow}.options.1.value`,
    withSelect({
      options: [
        { label: 'a', value: 'v' },
        { label: 'b', value: 'v' },
      ],
    }),
  ),
  bad('countsFitTogether')('at least two, at most one', `${inRow}.min_values`, withSelect({ min_values: 2 })),
  bad('enoughOptions')('four of three', `${inRow}.max_values`, withSelect({ max_values: 4 })),
];
