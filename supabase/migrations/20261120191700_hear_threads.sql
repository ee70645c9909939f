-- What people write in a task's thread is told to Jules, and how it went stands as a reaction on their own message.
alter table verne.instructions add column channel_id text, add column message_id text; -- where it was written, if in a thread
alter table verne.instructions drop constraint an_instruction_says_something;
alter table verne.instructions add constraint an_instruction_says_something check (length(btrim(text)) between 1 and 120000); -- with the text of files

-- A thread that begins at a message has that message's id.
create index messages_cards_by_message on verne.messages (message_id) where kind = 'card' and message_id is not null;
