/** Writes `.env.example` from the configuration's own list of variables; a test holds the two equal. */
import { writeFileSync } from 'node:fs';
import { GROUPS, VARIABLES } from '#variables.ts';

export function envExample(): string {
  const groups = GROUPS.map((group) => {
    const lines = Object.entries(VARIABLES)
      .filter(([, variable]) => variable.group === group)
      .map(([name, variable]) => `# ${variable.about}\n${name}=${'example' in variable ? variable.example : ''}`);
    return `# ---- ${group}\n\n${lines.join('\n\n')}`;
  });
  const head =
    '# Copy to .env and fill in what you need. Nothing is required for `npm run sandbox`;\n# a real bot needs DISCORD_TOKEN. Every other line shows its default.\n';
  return `${head}\n${groups.join('\n\n')}\n`;
}

if (import.meta.main) {
  writeFileSync(new URL('../.env.example', import.meta.url), envExample());
  console.log('.env.example written');
}
