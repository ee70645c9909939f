-- The short number of a server's next task, by which people name it.
create or replace function verne.next_task_number(guild uuid) returns int
language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare number int;
begin
  update public.guilds g set last_task_number = g.last_task_number + 1 where g.id = next_task_number.guild
  returning g.last_task_number into number;
  return number;
end $$;
