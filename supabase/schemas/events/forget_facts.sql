-- Forgets a person among the facts that were published: they hold ids, of people under `by` alone.
create or replace function verne.forget_facts(person text) returns void
language plpgsql set search_path = '' as $$
#variable_conflict use_column
begin
  update verne.events e set payload = e.payload - 'by' where e.payload ->> 'by' = forget_facts.person;
end $$;
