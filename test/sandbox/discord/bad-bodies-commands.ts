import {
  type Bad,
  bad,
  callback,
  command,
  input,
  label,
  long,
  modal,
  option,
  register,
  registerInGuild,
  row,
  select,
  text,
} from './bodies.ts';

export const OF_MODALS: readonly Bad[] = [
  bad('upTo5Parts')(
    'six labels',
    'data.components',
    modal({ components: Array.from({ length: 6 }, (_, at) => label(input({ custom_id: `i${at}` }))) }),
  ),
  bad('asksForSomething')('a modal of words', 'data.components', modal({ components: [text()] })),
  bad('rowHoldsOneInput')(
    'two inputs in a row',
    'data.components.0.components',
    modal({ components: [row(input({ label: 'a' }), input({ label: 'b', custom_id: 'b' }))] }),
  ),
  bad('inputInRowIsLabelled')(
    'an input in a row without a label',
    'data.components.0.components.0.label',
    modal({ components: [row(input())] }),
  ),
  bad('inputInRowIsLabelled')(
    'an input in a row with a label of spaces',
    'data.components.0.components.0.label',
    modal({ components: [row(input({ label: '  ' }))] }),
  ),
  bad('titleAndLabelsSaySomething')('a title of spaces', 'data.title', modal({ title: '  ' })),
  bad('titleAndLabelsSaySomething')(
    'a label of spaces',
    'data.components.0.label',
    modal({ components: [label(input(), { label: '  ' })] }),
  ),
  bad('valuesFitTheirLength')(
    'four characters, at most three',
    'data.components.0',
    modal({ components: [label(input({ value: 'abcd', max_length: 3 }))] }),
  ),
  bad('inputInLabelHasNone')(
    'two labels for one input',
    'data.components.0.component.label',
    modal({ components: [label(input({ label: 'b' }))] }),
  ),
  bad('nothingIsDisabled')(
    'a disabled select',
    'data.components.0.component.disabled',
    modal({ components: [label(select({ disabled: true }))] }),
  ),
  bad('lengthsFitTogether')(
    'at least 9, at most 3',
    'data.components.0',
    modal({ components: [label(input({ min_length: 9, max_length: 3 }))] }),
  ),
  bad('valueUpTo100')(
    'a choice of 101',
    'data.choices.0.value',
    callback(8, { choices: [{ name: 'n', value: long(101) }] }),
  ),
];

export const OF_COMMANDS: readonly Bad[] = [
  bad('namesAreLowerCase')('a command in capitals', '0.name', register([command({ name: 'Jules' })])),
  bad('namesAreLowerCase')(
    'an option with a space',
    '0.options.0.name',
    register([command({ options: [option({ name: 'a b' })] })]),
  ),
  bad('requiredComesFirst')(
    'a required option after an optional one',
    '0.options.1',
    register([command({ options: [option(), option({ name: 'repo', required: true })] })]),
  ),
  bad('commandNamesDiffer')('the same command twice', '1.name', register([command(), command()])),
  bad('optionNamesDiffer')(
    'the same option twice',
    '0.options.1.name',
    register([command({ options: [option(), option()] })]),
  ),
  bad('subcommandsStandAlone')(
    'a subcommand beside an option',
    '0.options',
    register([command({ options: [option({ type: 1 }), option({ name: 'repo' })] })]),
  ),
  bad('chosenOrCompleted')(
    'choices and completion',
    '0.options.0.autocomplete',
    register([command({ options: [option({ autocomplete: true, choices: [{ name: 'a', value: 'a' }] })] })]),
  ),
  bad('limitsFitTogether')(
    'at least 9, at most 3 characters',
    '0.options.0.min_length',
    register([command({ options: [option({ min_length: 9, max_length: 3 })] })]),
  ),
  bad('limitsFitTogether')(
    'at least 9, at most 3',
    '0.options.0.min_value',
    register([command({ options: [option({ type: 4, min_value: 9, max_value: 3 })] })]),
  ),
  bad('onlySlashCommandsAreDescribed')(
    'a slash command without a description',
    '0.description',
    register([command({ description: '' })]),
  ),
  bad('onlySlashCommandsAreDescribed')('a menu entry with one', '0.description', register([command({ type: 2 })])),
  bad('upTo8000Characters')(
    '8000 characters of choices',
    '0',
    register([
      command({
        options: Array.from({ length: 4 }, (_, at) =>
          option({
            name: `o${at}`,
            choices: Array.from({ length: 20 }, (__, nth) => ({ name: `${nth}`, value: long(100) })),
          }),
        ),
      }),
    ]),
  ),
  bad('upTo8000Characters')(
    '8000 characters of German',
    '0',
    register([
      command({
        options: Array.from({ length: 5 }, (_, at) =>
          option({
            name: `o${at}`,
            choices: Array.from({ length: 20 }, (__, nth) => ({
              name: `${nth}`,
              name_localizations: { de: long(100) },
              value: `${nth}`,
            })),
          }),
        ),
      }),
    ]),
  ),
  bad('upTo100Commands')(
    '101 commands',
    '',
    register(Array.from({ length: 101 }, (_, at) => command({ name: `c${at}` }))),
  ),
  bad('contextsAreForGlobalCommands')(
    'contexts on a server',
    '0.contexts',
    registerInGuild([command({ contexts: [0] })]),
  ),
];
