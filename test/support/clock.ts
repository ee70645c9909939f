import type { Sql } from 'postgres';

/** Moves the database's one clock, `verne.now()`, forward by so many milliseconds. */
export async function moveClock(sql: Sql, ms: number) {
  await sql`update verne.clock set shift = shift + ${ms} * interval '1 millisecond'`;
}
