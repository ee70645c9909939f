import {
  aMessage,
  type Bad,
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
  post,
  row,
  select,
  text,
  V2,
  withButton,
  withSelect,
} from './bodies.ts';

const empty = bad('saysSomething');
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
  empty('nothing', '', post({})),
  empty('spaces', '', post({ content: ' \n' })),
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
