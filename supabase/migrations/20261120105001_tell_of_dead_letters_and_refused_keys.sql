set check_function_bodies = off;

-- Makes a dead letter. Of a lane only the poison fact dies, with the history of its tries: the lane goes on. It is a
-- fact about the key as well, except where it was such a fact that died.
create or replace function verne.bury_delivery(mine verne.deliveries, seen bigint, error text) returns void
language plpgsql set search_path = '' as $$
declare dead_id bigint := mine.id;
begin
  if mine.lane is null then
    update verne.deliveries set state = 'dead', last_error = error, worker = null, settled_at = verne.now() where id = mine.id;
  else
    dead_id := verne.bury_of_lane(mine, seen, error);
  end if;
  if not exists (select from verne.events e where e.id = seen and e.topic = 'delivery.dead') then
    perform verne.publish_event('delivery.dead', mine.key,
      jsonb_build_object('delivery', dead_id::text, 'subscriber', mine.subscriber, 'error', error),
      jsonb_build_object('source', 'events', 'level', 2));
  end if;
end $$;

-- The poison fact of a lane becomes a row of its own; the lane goes on with what came after it.
create or replace function verne.bury_of_lane(mine verne.deliveries, seen bigint, error text) returns bigint
language plpgsql set search_path = '' as $$
declare dead_id bigint;
begin
  insert into verne.deliveries (subscriber, key, event_id, seen_id, state, due_at, attempts, last_error, settled_at)
  values (mine.subscriber, mine.key, seen, seen - 1, 'dead', verne.now(), mine.attempts, error, verne.now())
  returning id into dead_id;
  update verne.failures set delivery_id = dead_id where delivery_id = mine.id;
  update verne.deliveries d set worker = null, attempts = 0, last_error = null, seen_id = seen,
    due_at = coalesce(verne.due_of_news(mine, seen), verne.now()),
    state = case when d.event_id <= seen then 'done' else 'open' end,
    settled_at = case when d.event_id <= seen then verne.now() end
  where d.id = mine.id;
  return dead_id;
end $$;

-- Stores a sealed Jules key for the server or for the actor; the one before it is revoked. `sealed` holds id, sealed,
-- wrapped, kek_version, last4, fingerprint, per_day, at_once: never the key itself.
create or replace function public.store_key(actor jsonb, owner text, sealed jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  operation text := case owner when 'person' then 'own.change' else 'settings.change' end;
  args jsonb := jsonb_build_object('key_of', owner, 'last4', sealed ->> 'last4');
  gate jsonb := verne.authorise(actor, operation, args);
  account uuid;
begin
  if gate ->> 'kind' <> 'allowed' then
    return gate;
  end if;
  insert into verne.accounts (fingerprint, per_day, at_once)
  values (sealed ->> 'fingerprint', (sealed ->> 'per_day')::int, (sealed ->> 'at_once')::int)
  on conflict (fingerprint) do update set per_day = excluded.per_day, at_once = excluded.at_once
  returning id into account;
  update verne.keys k set revoked_at = verne.now()
  where k.revoked_at is null and case owner when 'person' then k.owner_id = actor ->> 'id' else k.guild_id = gate ->> 'guild_id' end;
  insert into verne.keys (id, account_id, guild_id, owner_id, sealed, wrapped, kek_version, last4, added_by)
  values ((sealed ->> 'id')::uuid, account, case owner when 'server' then gate ->> 'guild_id' end,
    case owner when 'person' then actor ->> 'id' end,
    sealed ->> 'sealed', sealed ->> 'wrapped', sealed ->> 'kek_version', sealed ->> 'last4', actor ->> 'id');
  if owner = 'person' then
    update public.users u set jules_api_key = '•••• ' || (sealed ->> 'last4') where u.discord_id = actor ->> 'id';
  else
    update public.guilds g set default_jules_api_key = '•••• ' || (sealed ->> 'last4') where g.guild_id = gate ->> 'guild_id';
  end if;
  perform verne.publish_event('key.added', 'key:' || (sealed ->> 'id'), jsonb_build_object('account', account, 'by', actor ->> 'id', 'last4', sealed ->> 'last4'),
    jsonb_build_object('tenant', gate ->> 'guild_id', 'source', 'guilds'));
  perform verne.append_audit(actor, operation, 'allowed', args);
  return jsonb_build_object('kind', 'stored', 'last4', sealed ->> 'last4');
end $$;
revoke all on function public.store_key from public, anon, authenticated;
grant execute on function public.store_key to service_role, verne_worker;

drop function public.record_sources(key_id text, sources jsonb, problem text);
-- What Jules lists for a key, replacing what it listed before; or why it could not be asked, which is told once to
-- whoever entered the key. `tell`: {by, last4}.
create or replace function public.record_sources(key_id text, sources jsonb, problem text default null, tell jsonb default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
begin
  insert into verne.source_lists as list (key_id, listed_at, problem)
  values (record_sources.key_id::uuid, case when record_sources.problem is null then verne.now() end, record_sources.problem)
  on conflict (key_id) do update set listed_at = coalesce(excluded.listed_at, list.listed_at), problem = excluded.problem;
  if record_sources.problem is not null then
    if tell ->> 'by' ~ '^[0-9]{15,20}$' then
      perform verne.add_message('key:' || record_sources.key_id, 'note', 'key_refused', jsonb_build_object('place', 'dm', 'id', tell -> 'by'),
        jsonb_build_object('last4', tell -> 'last4', 'problem', record_sources.problem), 'key:' || record_sources.key_id || ':refused');
      perform verne.publish_event('key.refused', 'key:' || record_sources.key_id, '{}', jsonb_build_object('source', 'tasks', 'level', 2));
    end if;
    return jsonb_build_object('kind', 'recorded');
  end if;
  delete from verne.sources s where s.key_id = record_sources.key_id::uuid;
  insert into verne.sources (key_id, name, repo, default_branch, branches)
  select record_sources.key_id::uuid, x.name, x.repo, x.default_branch, coalesce(x.branches, '{}')
  from jsonb_to_recordset(record_sources.sources) x(name text, repo text, default_branch text, branches text[])
  on conflict do nothing;
  return jsonb_build_object('kind', 'recorded');
end $$;
revoke all on function public.record_sources from public, anon, authenticated;
grant execute on function public.record_sources to service_role, verne_worker;

-- Verne gave up on something of a task in progress: its card says so, until an operator replays it.
create or replace function public.record_trouble(task_id text, trouble text) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare tenant text;
begin
  update public.tasks t set last_error = trouble where t.id = record_trouble.task_id::uuid and t.status = 'in_progress';
  if not found then
    return jsonb_build_object('kind', 'over');
  end if;
  select s.tenant into tenant from verne.sessions s where s.task_id = record_trouble.task_id::uuid;
  perform verne.publish_event('session.delayed', 'task:' || record_trouble.task_id, '{}',
    jsonb_build_object('tenant', tenant, 'source', 'tasks', 'level', 2));
  return jsonb_build_object('kind', 'recorded');
end $$;
revoke all on function public.record_trouble from public, anon, authenticated;
grant execute on function public.record_trouble to service_role, verne_worker;

reset check_function_bodies;
