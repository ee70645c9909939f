import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';

/** What is typed at a terminal is not shown; what is piped ends with the input. */
export async function readSecret(question: string): Promise<string> {
  if (!process.stdin.isTTY) {
    process.stdin.setEncoding('utf8');
    return (await Array.fromAsync(process.stdin)).join('');
  }
  process.stderr.write(`${question} (not shown): `);
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const terminal = createInterface({ input: process.stdin, output: silent, terminal: true });
  const answer = await terminal.question('');
  terminal.close();
  process.stderr.write('\n');
  return answer;
}
