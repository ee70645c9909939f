-- The server that something is said about; a note without one is about what its subject's card is about.
create or replace function verne.server_of(subject text, facts jsonb) returns text
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
begin
  return coalesce(facts ->> 'guild_id', (
    select m.facts ->> 'guild_id' from verne.messages m where m.subject = server_of.subject and m.kind = 'card' order by m.seq limit 1));
end $$;
