-- Whether an act is in a channel: where it is done, or, where `scope` says in which channel what it is about was asked for,
-- there. Of a thread its channel counts, as far as the interaction shows it.
create or replace function verne.acts_in(actor jsonb, scope jsonb, channel_id text) returns boolean
language plpgsql immutable set search_path = '' as $$
declare place text := coalesce(scope ->> 'channel', actor ->> 'channel');
begin
  return acts_in.channel_id = place or acts_in.channel_id = actor ->> 'parent_channel' and place = actor ->> 'channel';
end $$;
