import { type RpcArgs, storable } from '#kernel/rpc.ts';

const NAME = /^[a-z][a-z0-9_]*$/;

function checkNames(names: readonly string[]) {
  for (const name of names)
    if (!NAME.test(name)) throw new TypeError(`Not the name of a SQL function or argument: ${name}`);
}

/** What is sent: every given argument, storable; one that is undefined is left out, so that its default holds. */
export function givenArguments(name: string, args: RpcArgs): [key: string, value: unknown][] {
  const given = Object.entries(args).filter(([, value]) => value !== undefined);
  checkNames([name, ...given.map(([key]) => key)]);
  return given.map(([key, value]) => [key, storable(value)]);
}
