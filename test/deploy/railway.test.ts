import { readFileSync } from 'node:fs';
import { createRailwayContext, type ProjectDefinition, project, type ServiceNode, validateGraph } from 'railway/iac';
import { expect, test } from 'vitest';
import { VARIABLES } from '#variables.ts';
import program from '../../.railway/railway.ts';
import { withVariables } from '../../scripts/railway-variables.ts';

const HOSTING = new URL('../../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, HOSTING), 'utf8');

/** As the CLI evaluates the file, without asking Railway anything. */
const evaluate = async (): Promise<ProjectDefinition> =>
  program(createRailwayContext({ environment: 'production' }), project);

async function services(): Promise<ServiceNode[]> {
  const { resources = [] } = await evaluate();
  return resources.flat().filter((resource) => resource.type === 'service');
}

/** What either system is told to do with a service. */
type Wish = NonNullable<ServiceNode['deploy']>;

function expectGoodDeploy(deploy: Wish | undefined) {
  expect(deploy).toMatchObject({
    preDeployCommand: ['npm run migrate'],
    // npm would keep SIGTERM to itself.
    startCommand: 'node src/main.ts',
    restartPolicyType: 'ON_FAILURE',
    overlapSeconds: 0,
  });
  // Numbers: Railway refuses a deploy whose seconds are strings.
  expect(deploy?.drainingSeconds).toBeGreaterThanOrEqual(30);
  expect(deploy?.restartPolicyMaxRetries).toBeGreaterThan(0);
  expect(deploy?.healthcheckTimeout).toBeGreaterThanOrEqual(60);
  const routes = read('src/http/routes/health.ts');
  expect(routes).toContain(`app.get('${deploy?.healthcheckPath}'`);
}

test('the graph is valid and every service is built from the repository by its Dockerfile', async () => {
  const { name, resources = [] } = await evaluate();
  const graph = { version: 1 as const, project: { name }, environments: [], resources: resources.flat(), edges: [] };
  expect(validateGraph(graph)).toEqual([]);
  const all = await services();
  expect(all.length).toBeGreaterThan(0);
  for (const { source, build } of all) {
    expect(source).toMatchObject({ type: 'github', branch: 'main' });
    expect(build).toMatchObject({ builder: 'DOCKERFILE', dockerfilePath: 'Dockerfile' });
  }
});

test('every variable of the configuration is listed, since apply deletes the others, and no value is in the file', async () => {
  for (const { variables = {} } of await services()) {
    const missing = Object.keys(VARIABLES).filter((name) => !(name in variables));
    expect(missing, 'npm run docs lists them').toEqual([]);
    const { VERNE_ROLES: roles, ...kept } = variables;
    expect(roles).toMatchObject({ value: 'http,gateway,worker' });
    for (const value of Object.values(kept)) expect(value).toEqual({ type: 'preserve' });
  }
});

test('no variable is listed that nobody reads any more (else: npm run docs)', () => {
  const file = read('.railway/railway.ts');
  expect(withVariables(file)).toBe(file);
});

test('every service drains for 30 seconds, is started again after a failure and is asked for its health where it answers', async () => {
  for (const { deploy } of await services()) expectGoodDeploy(deploy);
});

test('railway.json asks for the same', async () => {
  const { build, deploy } = JSON.parse(read('railway.json'));
  expectGoodDeploy(deploy);
  const [first] = await services();
  expect(first).toMatchObject({ build, deploy });
});
