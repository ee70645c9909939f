import { readFileSync } from 'node:fs';
import { z } from 'zod';

const answer = z.object({ data: z.unknown(), error: z.unknown(), count: z.number().nullish() });
export type Answer = z.output<typeof answer>;

/** The blocks of a document that begin with "```js <name>". */
export function snippetsOf(page: URL): Map<string, string> {
  const blocks = readFileSync(page, 'utf8').matchAll(/^```js ([a-z-]+)\n(.*?)^```/gms);
  return new Map([...blocks].map(([, name = '', code = '']) => [name, code]));
}

type AsyncFunctionConstructor = new (...parts: string[]) => (...given: unknown[]) => Promise<unknown>;
const AsyncFunction = Object.getPrototypeOf(async () => {}).constructor as AsyncFunctionConstructor;

/** Runs a block as it stands, with these names in scope, and gives what it destructured from the answer. */
export async function runSnippet(code: string, scope: Readonly<Record<string, unknown>>): Promise<Answer> {
  const names = /const \{ ([^}]+) \} =/.exec(code)?.[1] ?? '';
  const run = new AsyncFunction(...Object.keys(scope), `${code}\nreturn { ${names} };`);
  return answer.parse(await run(...Object.values(scope)));
}
