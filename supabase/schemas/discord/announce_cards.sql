-- Several cards are announced by one note; each counts as announced. Dedupe by the first card, so a crash tells once.
-- Without facts nobody is told: the cards are done with, and hold up no other card's mention.
create or replace function public.announce_cards(channel_id text, cards text[], facts jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
begin
  update verne.messages m set announced_at = case when announce_cards.facts is null then 'epoch'::timestamptz else verne.now() end
  where m.id::text = any (cards) and m.announced_at is null;
  if found and announce_cards.facts is not null then
    perform verne.add_message('channel:' || announce_cards.channel_id, 'note', 'waiting',
      jsonb_build_object('place', 'channel', 'id', announce_cards.channel_id), announce_cards.facts, 'waiting:' || cards[1]);
    perform verne.publish_event('card.announced', 'channel:' || announce_cards.channel_id, '{}', jsonb_build_object('source', 'discord'));
  end if;
  return jsonb_build_object('kind', 'announced');
end $$;
revoke all on function public.announce_cards from public, anon, authenticated;
grant execute on function public.announce_cards to service_role, verne_worker;
