-- Something is to be shown: a card, kept true by editing, or a note, sent once. `at`: {place: channel | thread | dm, id}.
-- A known dedupe key changes nothing. In a server that the bot was removed from it is parked at once.
create or replace function verne.add_message(subject text, kind text, view text, at jsonb, facts jsonb, dedupe text) returns void
language plpgsql set search_path = '' as $$
#variable_conflict use_column
declare has_left boolean := verne.has_left(verne.server_of(add_message.subject, add_message.facts));
begin
  insert into verne.messages (subject, kind, view, place, place_id, facts, dedupe, parked_reason, parked_at)
  values (add_message.subject, add_message.kind, add_message.view, at ->> 'place', at ->> 'id', coalesce(add_message.facts, '{}'), add_message.dedupe,
    case when has_left then 'The bot was removed from the server.' end, case when has_left then verne.now() end)
  on conflict do nothing;
end $$;
