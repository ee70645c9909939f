-- Threads outlive the message that they began at: those of a card that was sent again somewhere else.
alter table verne.messages add column left_threads text[] not null default '{}';
create index messages_cards_by_left_thread on verne.messages using gin (left_threads) where kind = 'card' and left_threads <> '{}';
