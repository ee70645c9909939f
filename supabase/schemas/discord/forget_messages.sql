-- Forgets what was said to a person alone, and their id among the facts of what was said to others.
create or replace function verne.forget_messages(person text) returns void
language plpgsql set search_path = '' as $$
#variable_conflict use_column
begin
  delete from verne.messages m where m.place = 'dm' and m.place_id = forget_messages.person;
  update verne.messages m set facts = m.facts - 'by' where m.facts ->> 'by' = forget_messages.person;
end $$;
