import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { FAKE_SECRETS } from '../support/fake-secrets.ts';
import { recordFigure } from '../support/figures.ts';
import { scanFiles, scanHistory, trackedFiles, unknown } from '../support/secret-scan.ts';

const count = new Intl.NumberFormat('en').format;
const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;

test('nothing that was ever committed is shaped like a secret, but the fakes that are known (C12)', async () => {
  const files = await trackedFiles();
  const now = await scanFiles(files);
  const ever = scanHistory();
  expect(unknown(now.findings)).toEqual([]);
  expect(unknown(ever.findings)).toEqual([]);
  const isShallow = execFileSync('git', ['rev-parse', '--is-shallow-repository'], { encoding: 'utf8' }).trim();
  const { blob, commit } = ever.counts;
  const history = `${count(commit)} commits${isShallow === 'true' ? ' (a shallow clone)' : ''} with ${count(blob)} contents, ${megabytes(ever.bytes)}`;
  const fakes = Object.keys(FAKE_SECRETS).length;
  await recordFigure(
    'C12',
    `${count(files.length)} files, ${megabytes(now.bytes)}, and ${history}: 0 secrets beside ${fakes} known fakes`,
  );
});
