-- The accesses as the reader took them from the topic, for information-governance leads. Everything here can be dropped
-- and read again; nothing is filled from the ledger's own tables. Children stand here as pseudonyms alone.

-- How far each partition was read. Moves in the transaction of the rows that it covers.
create table reader_partition (
  topic text not null,
  partition integer not null,
  -- name of the ledger whose records these are
  log text not null,
  -- the last index that was accepted, -1 for none; kept when the partition is read again from its start
  last_index bigint not null,
  -- null: from the partition's start
  next_offset bigint,
  -- how many records were accepted
  taken bigint not null,
  -- why nothing further is read, in words; null while all is well
  stopped text,
  primary key (topic, partition)
);

create table read_access (
  event_id uuid primary key,
  -- place in the ledger's log
  idx bigint not null unique,
  type text not null,
  occurred_at timestamptz not null,
  -- for an event that belongs to an access: its receipt
  of_access uuid,
  issuer text,
  subject text,
  agency text,
  role text,
  -- pseudonyms
  children text[] not null,
  -- agencies whose people asked or whose systems were asked
  concerns text[] not null,
  purpose text,
  case_ref text,
  threshold text,
  emergency uuid,
  article6 text,
  condition text,
  function text,
  agreements text[] not null,
  operation text,
  effect text,
  refusal text,
  bundle text,
  released text[] not null
);
create index read_access_newest on read_access (occurred_at desc, idx desc);
create index read_access_by on read_access (subject, occurred_at);
create index read_access_about on read_access using gin (children);
create index read_access_concerns on read_access using gin (concerns);
create index read_access_decided on read_access (effect, occurred_at desc, idx desc);
create index read_access_of on read_access (of_access) where of_access is not null;

-- Each custodian that was asked, and what it came to.
create table read_source (
  event_id uuid not null references read_access,
  custodian text not null,
  agency text not null,
  state text not null,
  record_types text[] not null,
  record_ids text[] not null,
  primary key (event_id, custodian)
);
create index read_source_records on read_source using gin (record_ids);

-- What was withheld and may be known.
create table read_withheld (
  event_id uuid not null references read_access,
  rule text not null,
  reason text not null,
  n integer not null,
  primary key (event_id, rule, reason)
);
