-- Emergency access: one person, one child, sixty minutes, and the review that every one of them gets.
-- The child stands here as a keyed hash. The reason is encrypted, and wiped when the review is closed.

create table emergency (
  -- the access that opened it
  event_id uuid primary key,
  child bytea not null,
  issuer text not null,
  subject text not null,
  name text not null,
  agency text not null,
  role text not null,
  -- one sign-in opens one emergency
  signed_in_at timestamptz not null,
  opened_at timestamptz not null,
  expires timestamptz not null,
  reason bytea,
  due timestamptz not null,
  finding text check (finding in ('justified', 'not-justified', 'referred')),
  closed_at timestamptz,
  closed_by_issuer text,
  closed_by_subject text,
  unique (issuer, subject, signed_in_at),
  check ((closed_at is null) = (finding is null)),
  check ((closed_at is null) = (reason is not null))
);
create index emergency_to_review on emergency (due) where closed_at is null;
