-- Forgets what was said to a person alone, what was said of their own `subjects`, and in what was said of others their words and id.
-- A note of theirs that was not sent yet, or was given up, is sent no more; a card stays, to be shown without them.
create or replace function verne.forget_messages(person text, subjects text[]) returns void
language plpgsql set search_path = '' as $$
#variable_conflict use_column
begin
  delete from verne.messages m where m.place = 'dm' and m.place_id = forget_messages.person;
  update verne.messages m set facts = jsonb_strip_nulls(jsonb_build_object('guild_id', m.facts -> 'guild_id')),
    parked_reason = case when m.message_id is null or m.parked_reason is not null then 'The person was forgotten.' end,
    parked_at = case when m.message_id is null or m.parked_reason is not null then coalesce(m.parked_at, verne.now()) end
  where m.kind = 'note' and m.subject = any (forget_messages.subjects);
  update verne.messages m set
    facts = m.facts || '{"problem": null}' || case when m.facts ? 'text' then '{"text": "(forgotten)"}'::jsonb else '{}' end
  where m.facts ->> 'by' = forget_messages.person and m.facts ?| array['text', 'problem'];
  update verne.messages m set
    facts = regexp_replace(m.facts::text, '\m' || forget_messages.person || '\M', '000000000000000000', 'g')::jsonb,
    dedupe = case when m.dedupe ~ ('\m' || forget_messages.person || '\M') then 'forgotten:' || m.id else m.dedupe end
  where m.facts::text || ' ' || m.dedupe ~ ('\m' || forget_messages.person || '\M');
end $$;
