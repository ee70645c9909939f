import { VARIABLES } from '#variables.ts';

/** Read in place of a proper name, so a deployment may hold them. */
const OLDER_NAMES = ['DISCORD_BOT_TOKEN', 'SUPABASE_SECRET_KEY'];

/** `.railway/railway.ts` decides it itself. */
const DECIDED = 'VERNE_ROLES';

const LIST = /(const VARIABLES = \[\n)[^\]]*(\] as const;)/;

/** The file with the names of today; it imports nothing of the bot, so they are written into it. */
export function withVariables(text: string): string {
  if (!LIST.test(text)) throw new Error('.railway/railway.ts has no list of variables');
  const names = [...new Set([...OLDER_NAMES, ...Object.keys(VARIABLES)])].filter((name) => name !== DECIDED);
  return text.replace(
    LIST,
    (_, begin: string, end: string) => `${begin}${names.map((name) => `  '${name}',\n`).join('')}${end}`,
  );
}
