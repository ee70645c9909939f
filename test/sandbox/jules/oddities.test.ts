import { expect, test } from 'vitest';
import { simulate, URL_OF_PULL } from './support.ts';

const jules = simulate();

async function worked(scenario: string): Promise<string> {
  jules.control.script({ scenario, next: true });
  const name = await jules.create({ requirePlanApproval: false });
  await jules.until(() => jules.session(name).pullRequest, 'a pull request');
  return name;
}

const activities = async (name: string) => (await jules.call('GET', `/${name}/activities?pageSize=100`)).text;
const completions = async (name: string) =>
  (await jules.told(name)).filter((event) => event === 'sessionCompleted').length;

test('completed_twice: it says that it is complete while it still works, and again at its end', async () => {
  jules.control.script({ scenario: 'completed_twice', next: true });
  const name = await jules.create({ requirePlanApproval: false });
  await jules.until(async () => (await completions(name)) === 1, 'a first end');
  expect(jules.session(name).state).toBe('IN_PROGRESS');
  await jules.until(() => jules.session(name).pullRequest, 'a pull request');
  expect(await completions(name)).toBe(2);
});

test('reopen: a completed session goes back to work by itself, and keeps its pull request', async () => {
  const name = await worked('reopen');
  const { pullRequest, state } = jules.session(name);
  expect(state).toBe('COMPLETED');
  await jules.reaches(name, 'IN_PROGRESS');
  await jules.reaches(name, 'COMPLETED');
  expect([await completions(name), jules.session(name).pullRequest]).toEqual([2, pullRequest]);
});

test('a completed session is taken up again by a message, with the same pull request', async () => {
  const name = await worked('happy');
  const { pullRequest } = jules.session(name);
  await jules.call('POST', `/${name}:sendMessage`, { prompt: 'One more thing.' });
  expect(jules.session(name).state).toBe('IN_PROGRESS');
  await jules.reaches(name, 'COMPLETED');
  expect([await completions(name), jules.session(name).pullRequest]).toEqual([2, pullRequest]);
  expect((await jules.call('GET', `/${name}`)).json.outputs).toHaveLength(2);
});

test.each([
  ['bare_activity', '"originator": "system",\n      "description": "Session started"\n    }'],
  ['unknown_activity', '"hologramProjected": {'],
  ['empty_artifact', '"artifacts": [\n        {}\n      ]'],
])('%s: it shows what no reader expects, and ends as ever', async (scenario, words) => {
  const name = await worked(scenario);
  expect(await activities(name)).toContain(words);
  expect(jules.session(name).pullRequest).toMatch(URL_OF_PULL);
});

test('odd: shapes that nobody knows in activities, artifacts and outputs', async () => {
  const name = await worked('odd');
  const text = await activities(name);
  for (const words of ['hologramProjected', '"smell"', '"baseCommitId"', 'image/png']) expect(text).toContain(words);
  expect(text.length).toBeGreaterThan(1_000_000);
  expect((await jules.call('GET', `/${name}`)).json.outputs).toContainEqual({ hologram: { colour: 'blue' } });
});

test('large_media: a page of its activities runs to twelve megabytes, one of them to one', async () => {
  const name = await worked('large_media');
  expect((await activities(name)).length).toBeGreaterThan(12_000_000);
  const { json } = await jules.call('GET', `/${name}/activities?pageSize=100`);
  const shown = json.activities?.find((activity) => JSON.stringify(activity).includes('image/png'));
  expect((await jules.call('GET', `/${shown?.name}`)).text.length).toBeGreaterThan(1_000_000);
});

test('commands come with their output or, when told so, without', async () => {
  expect(await activities(await worked('happy'))).toContain('"bashOutput"');
  jules.control.script({ settings: { bashOutput: false } });
  const text = await activities(await worked('happy'));
  jules.control.script({ settings: { bashOutput: true } });
  expect(text).toContain('Ran bash command');
  expect(text).not.toContain('bashOutput');
});
