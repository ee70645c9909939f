-- Keeps a person from acting until the transaction ends, by what every act of theirs takes first; then their row, as whoever
-- changes it does.
create or replace function verne.hold_person(discord_id text) returns void
language plpgsql set search_path = '' as $$
#variable_conflict use_column
begin
  perform verne.hold_rate('person:' || hold_person.discord_id);
  perform from public.users u where u.discord_id = hold_person.discord_id for update;
end $$;
