-- A page of what was owed to Discord for a subject, newest first and numbered, and how much of all of it was given up. `cursor`: before or
-- after (a message's place in the order); one behind which nothing is left leads to the first page again.
create or replace function verne.owed_messages(subject text, cursor jsonb, size int) returns jsonb
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
declare
  before bigint := (cursor ->> 'before')::bigint;
  after bigint := (cursor ->> 'after')::bigint;
  oldest bigint;
begin
  -- Read backwards, a page begins so many messages before its end.
  select min(m.seq) into oldest from (
    select m.seq from verne.messages m where m.subject = owed_messages.subject and m.seq > after order by m.seq limit size) m;
  select min(m.seq), max(m.seq) + 1 into oldest, before from (
    select m.seq from verne.messages m where m.subject = owed_messages.subject and (oldest is null or m.seq >= oldest)
      and (oldest is not null or before is null or m.seq < before)
    order by case when oldest is not null then m.seq end, m.seq desc limit size) m;
  if oldest is null and cursor <> '{}' then
    return verne.owed_messages(subject, '{}', size);
  end if;
  return (
    select jsonb_build_object('parked', count(*) filter (where m.parked_reason is not null and m.parked_reason <> 'overtaken'),
      'has_newer', coalesce(bool_or(m.seq >= before), false), 'has_older', coalesce(bool_or(m.seq < oldest), false),
      'messages', coalesce(jsonb_agg(jsonb_build_object('seq', m.seq::text, 'nth', m.nth, 'kind', m.kind, 'view', m.view, 'place', m.place,
        'is_sign', m.facts ? 'on' and not m.facts ? 'parked',
        'place_id', m.place_id, 'channel_id', m.channel_id, 'message_id', m.message_id, 'created_at', m.created_at,
        'posted_at', m.posted_at, 'tries', m.tries, 'tried_at', m.tried_at, 'is_under_way', m.sending_since is not null,
        'closed_since', m.forbidden_since, 'parked_reason', m.parked_reason, 'parked_at', m.parked_at,
        'resent', m.resent, 'resent_at', m.resent_at) order by m.seq desc) filter (where m.seq >= oldest and m.seq < before), '[]'))
    from (select o.*, row_number() over (order by o.seq) as nth from verne.messages o where o.subject = owed_messages.subject) m);
end $$;
