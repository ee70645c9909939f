import { defineCommand } from '#discord/command.ts';
import { afterChange, withSettings } from '#discord/panels/settings.ts';
import { type Reply, tell } from '#discord/reply.ts';
import { LANGUAGES } from '#discord/words/language.ts';
import { words } from '#discord/words/words.ts';
import { changeSettings, type Settings } from '#guilds/settings.ts';

const show = ({ language }: Settings, done = ''): Reply => {
  const { names, spokenHere } = words().language;
  return tell(`${done}${spokenHere(names[language])}`);
};

export const configLanguage = defineCommand({
  name: 'language',
  description: 'The language of cards and notes in this server',
  operation: 'settings.change',
  options: {
    language: {
      kind: 'string',
      choices: LANGUAGES,
      description: 'What is for one person alone is said in the language of their Discord',
    },
  },
  async run(context, { language }) {
    if (language === undefined) return withSettings(context, (settings) => show(settings));
    const changed = await changeSettings(context.rpc, context.actor, { language });
    return afterChange(context, changed, (settings) => show(settings, words().language.saved));
  },
});
