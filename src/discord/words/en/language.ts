/** What `/config language` says. */
export const language = {
  names: { en: 'English', de: 'German' },
  spokenHere: (name: string) =>
    `Cards and notes in this server are in **${name}**. What is for one person alone is said in the language of their Discord. Change it with the option of this command; cards follow when they change next.`,
  saved: 'Saved. ',
};
