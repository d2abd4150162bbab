-- What waits for an agency's own person, and what she decided. Rows are never overwritten; a new decision is a new row.
-- A child stands here only as a keyed hash. Her number rests encrypted, in a table of its own, until it is decided.

create table review (
  id uuid primary key,
  serial bigint generated always as identity,
  -- the access that opened it
  event_id uuid not null,
  child bytea not null,
  case_hash bytea not null,
  custodian text not null,
  agency text not null,
  record_types text[] not null check (cardinality(record_types) > 0),
  -- the policies that left it to her, as id@hash
  rules text[] not null,
  purpose text not null,
  threshold text not null,
  article6 text not null,
  condition text not null,
  function text not null,
  opened_at timestamptz not null,
  due timestamptz not null,
  -- who asked, encrypted
  asked_by bytea not null
);
create index review_about on review (child, case_hash, threshold);
create index review_of_agency on review (agency, opened_at);

create table review_number (
  review uuid primary key references review (id),
  sealed bytea not null
);

-- A decision counts once the access that made it is on record in the ledger.
create table review_decision (
  serial bigint generated always as identity primary key,
  review uuid not null references review (id),
  event_id uuid not null,
  decision text not null check (decision in ('SHARE', 'DO_NOT_SHARE')),
  decided_at timestamptz not null,
  valid_until timestamptz not null,
  by_issuer text not null check (by_issuer <> ''),
  by_subject text not null check (by_subject <> ''),
  by_name text not null check (by_name <> ''),
  by_agency text not null check (by_agency <> ''),
  reason_class text,
  -- Children Act 2004 s.16LA: would disclosure be more detrimental to the child than not disclosing
  more_detrimental boolean,
  -- where the agency keeps its reasoning
  recorded_in text,
  acknowledged boolean,
  check ((more_detrimental is null) = (recorded_in is null)),
  check (
    case decision
      when 'SHARE' then reason_class is null and acknowledged is null and more_detrimental is not true
      else reason_class is not null and acknowledged is not null and more_detrimental is not null
    end
  )
);
create index review_decision_of on review_decision (review, serial);
