import type { Sql } from 'postgres';

/** What the database says when everything has come to rest. */
export type Tables = {
  readonly tasks: readonly {
    readonly id: string;
    readonly prompt: string;
    readonly status: string;
    readonly prUrl: string | null;
    readonly error: string | null;
    /** Of its session, as Jules names it. */
    readonly session: string | null;
  }[];
  readonly messages: readonly {
    readonly id: string;
    readonly subject: string;
    readonly kind: 'card' | 'note';
    readonly view: string;
    readonly seq: number;
    readonly channel: string | null;
    readonly message: string | null;
    readonly parked: string | null;
  }[];
  readonly instructions: readonly {
    readonly task: string;
    readonly text: string;
    readonly state: 'waiting' | 'delivered' | 'refused';
    readonly problem: string | null;
  }[];
  /** Sessions that were found to be strays. */
  readonly strays: readonly string[];
  /** Dead, or due for longer than any worker is busy. */
  readonly stuck: readonly {
    readonly subscriber: string;
    readonly key: string;
    readonly state: string;
    readonly error: string | null;
  }[];
};

export async function readTables(sql: Sql): Promise<Tables> {
  const [tasks, messages, instructions, strays, stuck] = await Promise.all([
    sql<Tables['tasks']>`
      select t.id, t.prompt, t.status, t.pr_url as "prUrl", t.last_error as error, replace(s.name, 'sessions/', '') as session
      from public.tasks t left join verne.sessions s on s.task_id = t.id`,
    sql<Tables['messages']>`
      select id, subject, kind, view, seq::int, channel_id as channel, message_id as message, parked_reason as parked
      from verne.messages order by seq`,
    sql<Tables['instructions']>`select task_id as task, text, state, problem from verne.instructions`,
    sql<{ session: string }[]>`select replace(name, 'sessions/', '') as session from verne.strays`,
    sql<Tables['stuck']>`
      select subscriber, key, state, last_error as error from verne.deliveries
      where state = 'dead' or (state = 'open' and due_at < verne.now() - interval '5 seconds')`,
  ]);
  return { tasks, messages, instructions, strays: strays.map(({ session }) => session), stuck };
}

/** What is under way, or will be by itself within a moment; empty when everything is at rest. */
export async function readRestless(sql: Sql): Promise<readonly string[]> {
  const rows = await sql<{ what: string }[]>`
    select 'task ' || prompt || ' is ' || status as what from public.tasks where status in ('pending_confirmation', 'in_progress')
    union all select view || ' of ' || subject || ' is not sent' from verne.messages
      where parked_reason is null and (message_id is null or sending_since is not null or unsure_until > verne.now())
    union all select 'message "' || text || '" waits' from verne.instructions where state = 'waiting'
    union all select 'session ' || name || ' is ' || phase from verne.sessions where name is not null and ended_at is null
    union all select subscriber || ' of ' || key || ' is due' from verne.deliveries
      where state = 'open' and due_at < verne.now() + interval '1 second'
        and subscriber <> all (${[...ROUNDS]})`;
  return rows.map(({ what }) => what);
}

/** They come round again and again as long as there is anything to look at. */
const ROUNDS = ['tasks.sweep_account'];
