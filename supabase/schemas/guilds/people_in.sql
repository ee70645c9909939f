-- Who is named in arguments: `person`, `approver_people`, the `id` of kind person.
create or replace function verne.people_in(args jsonb) returns text[]
language plpgsql immutable set search_path = '' as $$
begin
  return array_remove(array[args ->> 'person', case when args ->> 'kind' = 'person' then nullif(args ->> 'id', '') end]
    || case when jsonb_typeof(args -> 'approver_people') = 'array'
      then array(select jsonb_array_elements_text(args -> 'approver_people')) end, null);
end $$;
