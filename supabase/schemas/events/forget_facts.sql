-- Forgets a person among what was published, and what was said of their own `subjects`; and their id in the story of failures.
create or replace function verne.forget_facts(person text, subjects text[]) returns void
language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare the_id text := '\m' || person || '\M';
begin
  update verne.events e set payload = e.payload - 'by' - 'error' - 'problem'
  where e.payload ->> 'by' = forget_facts.person or e.key = any (forget_facts.subjects) and e.payload ?| array['by', 'error', 'problem'];
  update verne.deliveries d set last_error = regexp_replace(d.last_error, the_id, '000000000000000000', 'g') where d.last_error ~ the_id;
  update verne.failures f set error = regexp_replace(f.error, the_id, '000000000000000000', 'g') where f.error ~ the_id;
end $$;
