import { killedBy } from './mutant.ts';

/** The calls themselves. */
const calling = killedBy('test/jules/failures.test.ts', [
  {
    name: 'A creation that failed is posted again',
    file: 'src/jules/call.ts',
    text: "call.effect === 'read' ? READ_RETRIES : 0",
    by: 'READ_RETRIES',
    claim: 'a read is tried three times with growing room to wait, a create once',
  },
  {
    name: 'Jules’s limit uses up a try',
    file: 'src/jules/failure.ts',
    text: 'uncounted: refused.status === 429,',
    by: 'uncounted: false,',
    claim: 'a limit is not counted and waits as long as it says',
  },
  {
    name: 'A creation that Jules answered with 500 is taken for one that never was',
    file: 'src/jules/failure.ts',
    text: 'if (status >= 500 || status === 408) return true;',
    by: 'if (status >= 500 || status === 408) return false;',
    claim: 'a create that answers %i %s leaves the outcome unknown: %s %s',
  },
]);

const sessions = killedBy('test/jules/client.test.ts', [
  {
    name: 'A session is created that runs without an approval',
    file: 'src/jules/client.ts',
    text: 'requirePlanApproval: true,',
    by: 'requirePlanApproval: false,',
    claim: 'a session is created to wait for approval and to make a pull request',
  },
]);

const echoes = killedBy('test/jules/without-key.test.ts', [
  {
    name: 'A failure repeats the key',
    file: 'src/jules/failure.ts',
    text: 'withoutKey(text.slice(0, READ_CHARS), key),',
    by: 'text.slice(0, READ_CHARS),',
    claim: 'a message that is cut in the midst of the key shows neither half',
  },
]);

const network = killedBy('test/jules/network.test.ts', [
  {
    name: 'The key follows a redirect',
    file: 'src/jules/call.ts',
    text: "      redirect: 'manual',\n      signal",
    by: "      redirect: 'follow',\n      signal",
    claim: 'with %s a redirect is not followed, so the key goes nowhere else',
  },
]);

const breaking = killedBy('test/jules/breaker.test.ts', [
  {
    name: 'One broken key stops all others',
    file: 'src/jules/breaker.ts',
    text: 'const policy = policyOf(key);',
    by: "const policy = policyOf('');",
    claim: 'five failures in a row of a key leave it alone, and those of other keys go on',
  },
]);

export const julesMutants = [...calling, ...sessions, ...echoes, ...network, ...breaking];
