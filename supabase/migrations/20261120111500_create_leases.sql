-- Who holds what only one process may do at a time: the gateway's connection, and nothing else.
create table verne.leases (
  name text primary key,
  owner text not null,
  until timestamptz not null
);
