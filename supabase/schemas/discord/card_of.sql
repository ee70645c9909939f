-- Where a subject's card is; null where none was posted.
create or replace function verne.card_of(subject text) returns jsonb
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
begin
  return (
    select jsonb_build_object('channel_id', m.channel_id, 'message_id', m.message_id) from verne.messages m
    where m.subject = card_of.subject and m.kind = 'card' and m.message_id is not null and m.parked_reason is null
    order by m.seq limit 1);
end $$;
