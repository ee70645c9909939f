-- The keys that a request of this actor may use, the best first: their own alone, else of the server's those for the
-- channel, for one of their roles, or for everybody, whichever is nearest. Those that Jules refused come last.
create or replace function verne.keys_for(actor jsonb) returns jsonb
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
begin
  return (
    select coalesce(jsonb_agg(jsonb_build_object('id', near.id, 'account', near.account_id, 'last4', near.last4,
      'owner', case when near.owner_id is null then 'server' else 'person' end) order by near.problem_at is not null, near.added_at), '[]')
    from (
      select k.*, rank() over (order by case when k.owner_id is not null then 1 when k.channel_id is not null then 2
        when k.role_id is not null then 3 else 4 end) as place
      from verne.keys k
      where k.revoked_at is null and (k.owner_id = actor ->> 'id' or k.guild_id = actor ->> 'guild'
        and (k.channel_id is null or k.channel_id in (actor ->> 'channel', actor ->> 'parent_channel'))
        and (k.role_id is null or actor -> 'roles' ? k.role_id))) near
    where near.place = 1);
end $$;
