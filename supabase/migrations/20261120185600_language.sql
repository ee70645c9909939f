-- The language of what Verne says where everybody reads it; an answer to one person alone speaks theirs.
alter table public.guilds add column language text not null default 'en' constraint language_is_spoken check (language in ('en', 'de'));
