import type { APIEmbed } from 'discord-api-types/v10';
import type { MessageBody } from '#discord/cards/body.ts';

function embedProblems(embed: APIEmbed): string[] {
  const fields = embed.fields ?? [];
  const parts: [string, string | undefined, number][] = [
    ['title', embed.title, 256],
    ['description', embed.description, 4096],
    ['footer', embed.footer?.text, 2048],
    ...fields.map((field): [string, string, number] => [`field name ${field.name}`, field.name, 256]),
    ...fields.map((field): [string, string, number] => [`field ${field.name}`, field.value, 1024]),
  ];
  return [
    ...(fields.length > 25 ? ['more than 25 fields'] : []),
    ...parts.filter(([, text, max]) => (text?.length ?? 0) > max).map(([name]) => `${name} is too long`),
    ...parts.filter(([, text]) => text?.trim() === '').map(([name]) => `${name} is blank`),
    ...parts.filter(([, text]) => text !== undefined && !text.isWellFormed()).map(([name]) => `${name} is torn`),
  ];
}

const lengthOf = (embed: APIEmbed) =>
  [
    embed.title,
    embed.description,
    embed.footer?.text,
    ...(embed.fields ?? []).flatMap(({ name, value }) => [name, value]),
  ].reduce((sum, text) => sum + (text?.length ?? 0), 0);

/** What Discord would refuse in a message (its limits as documented, counted in UTF-16 units, which is never fewer). */
export function limitProblems(body: MessageBody): string[] {
  const embeds = body.embeds ?? [];
  const rows = body.components ?? [];
  const parts = rows.flatMap(({ components }) => components);
  const ids = parts.flatMap((part) => ('custom_id' in part ? [part.custom_id] : []));
  const sum = embeds.reduce((total, embed) => total + lengthOf(embed), 0);
  return [
    ...((body.content?.length ?? 0) > 2000 ? ['content is too long'] : []),
    ...(body.content && !body.content.isWellFormed() ? ['content is torn'] : []),
    ...(!body.content && embeds.length === 0 ? ['the message is empty'] : []),
    ...(embeds.length > 10 ? ['more than ten embeds'] : []),
    ...(sum > 6000 ? [`embeds hold ${sum} characters`] : []),
    ...embeds.flatMap(embedProblems),
    ...(rows.length > 5 ? ['more than five rows'] : []),
    ...rows.filter(({ components }) => components.length < 1 || components.length > 5).map(() => 'a row of wrong size'),
    ...(new Set(ids).size < ids.length ? ['a custom id stands twice'] : []),
    ...ids.filter((id) => id.length > 100).map(() => 'a custom id is too long'),
    ...parts.flatMap((part) => ('url' in part && !/^https?:\/\/.{1,500}$/.test(part.url) ? ['a bad link'] : [])),
    ...parts.flatMap((part) => ('label' in part && (part.label?.length ?? 0) > 80 ? ['a label is too long'] : [])),
    ...(body.allowed_mentions.parse.length > 0 ? ['it parses mentions'] : []),
  ];
}
