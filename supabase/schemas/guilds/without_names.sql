-- Arguments as the audit keeps them: people among them (`person`, `approver_people`, the `id` of kind person) by pseudonym.
create or replace function verne.without_names(args jsonb) returns jsonb
language plpgsql set search_path = '' as $$
begin
  if args ->> 'person' is not null then
    args := args || jsonb_build_object('person', verne.person_ref(args ->> 'person'));
  end if;
  if args ->> 'kind' = 'person' and args ->> 'id' <> '' then
    args := args || jsonb_build_object('id', verne.person_ref(args ->> 'id'));
  end if;
  if jsonb_typeof(args -> 'approver_people') = 'array' then
    args := args || jsonb_build_object('approver_people', (
      select coalesce(jsonb_agg(verne.person_ref(p.id)), '[]') from jsonb_array_elements_text(args -> 'approver_people') p(id)));
  end if;
  return args;
end $$;
