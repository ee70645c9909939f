-- Whether a fact with this dedupe key was published before.
create or replace function verne.known_event(tenant text, dedupe text) returns boolean
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
begin
  return (
    select exists (select from verne.events e where e.dedupe = known_event.dedupe and e.tenant is not distinct from known_event.tenant));
end $$;
