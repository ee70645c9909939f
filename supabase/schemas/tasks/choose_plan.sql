-- Whether people read the plan of a request before it runs, and whose choice that is: option, else person, else server. Where
-- a server has each plan read, only who may approve what they ask for may leave it out: they would be its reader.
create or replace function verne.choose_plan(standing jsonb, wish jsonb, may_skip boolean) returns jsonb
language plpgsql stable set search_path = '' as $$
declare
  demands boolean := (standing -> 'policy' ->> 'plan_review')::boolean;
  choice jsonb := case
    when wish ->> 'plan_review' is not null then jsonb_build_object('review', wish -> 'plan_review', 'from', 'option')
    when standing ->> 'plans' is not null then jsonb_build_object('review', standing ->> 'plans' = 'read', 'from', 'person')
    else jsonb_build_object('review', demands, 'from', 'server') end;
begin
  return case when demands and may_skip is not true and (choice ->> 'review')::boolean is not true
    then jsonb_build_object('review', true, 'from', 'server') else choice end;
end $$;
