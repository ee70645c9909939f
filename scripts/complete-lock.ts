/**
 * Adds to package-lock.json the optional platform packages that npm leaves out, because `npm ci` of npm 11
 * refuses a lock that lacks one of them on any platform. `--check` only tells, and exits 1 where one is missing.
 */
import { readFileSync, writeFileSync } from 'node:fs';

interface LockedPackage {
  version?: string;
  dev?: boolean;
  optional?: boolean;
  os?: string[];
  cpu?: string[];
  optionalDependencies?: Record<string, string>;
}
type Packages = Record<string, LockedPackage>;

const OPERATING_SYSTEMS = ['android', 'darwin', 'freebsd', 'linux', 'openharmony', 'win32'];
const PROCESSORS = ['arm64', 'arm', 'ia32', 'ppc64', 'riscv64', 's390x', 'x64'];

const lockPath = new URL('../package-lock.json', import.meta.url);

function missingFrom(packages: Packages) {
  const paths = Object.keys(packages);
  return Object.values(packages).flatMap((owner) =>
    Object.entries(owner.optionalDependencies ?? {})
      .filter(([name]) => !paths.some((path) => path.endsWith(`node_modules/${name}`)))
      .map(([name, version]) => ({ name, version, dev: owner.dev === true })),
  );
}

/** npm itself would ask the registry; but a mirror may lack a platform that nobody there uses, so the name must do. */
function describe(name: string, version: string, dev: boolean): LockedPackage {
  const words = name.split(/[/-]/);
  const os = OPERATING_SYSTEMS.find((word) => words.includes(word));
  const cpu = PROCESSORS.find((word) => words.includes(word));
  if (!os || !cpu)
    throw new Error(`${name}: the name does not tell its platform. Add its os and cpu to complete-lock.ts.`);
  return { version, cpu: [cpu], ...(dev && { dev: true }), optional: true, os: [os] };
}

const lock: { packages: Packages } = JSON.parse(readFileSync(lockPath, 'utf8'));
const missing = missingFrom(lock.packages);
if (process.argv.includes('--check')) {
  for (const { name, version } of missing)
    console.error(`package-lock.json lacks ${name}@${version}: run npm run lock`);
  process.exit(missing.length > 0 ? 1 : 0);
}
for (const { name, version, dev } of missing) lock.packages[`node_modules/${name}`] = describe(name, version, dev);
lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => a.localeCompare(b, 'en')));
writeFileSync(lockPath, `${JSON.stringify(lock, null, 2)}\n`);
console.log(`package-lock.json: added ${missing.length} optional packages`);
