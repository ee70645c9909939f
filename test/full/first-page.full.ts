import { expect, test } from 'vitest';
import { startSandbox } from '../support/sandbox.ts';

/** Ten seconds are a promise to a newcomer, on a machine that does nothing else: so it is held in the full run only. */
test('the page of a sandbox that was never started before answers within ten seconds', {
  timeout: 60_000,
}, async () => {
  const startedAt = performance.now();
  const sandbox = await startSandbox({ speed: 1 });
  try {
    expect(await (await fetch(sandbox.origin)).text()).toContain('<title>Verne sandbox</title>');
    expect(performance.now() - startedAt).toBeLessThan(10_000);
  } finally {
    await sandbox.stop();
  }
});
