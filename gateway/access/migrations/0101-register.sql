-- The register of practitioners, MACPT nominations and case relationships. It comes from the partners' own
-- systems, each row with who, start, end and source; no person may add her own.
-- A child stands here only as keyed hashes: no NHS number, no date of birth, no name.

create table practitioner (
  issuer text not null,
  subject text not null,
  name text not null,
  agency text not null,
  role text not null,
  organisation_kind text not null,
  vetting integer not null,
  starts timestamptz not null,
  ends timestamptz,
  source text not null,
  primary key (issuer, subject)
);

create table nomination (
  issuer text not null,
  subject text not null,
  role text not null,
  starts timestamptz not null,
  ends timestamptz,
  source text not null
);
create index nomination_of on nomination (issuer, subject);

create table case_relationship (
  case_reference text not null,
  child bytea not null,
  born bytea not null,
  given_names bytea[] not null,
  family_names bytea[] not null,
  -- address-confidential or nothing: it must hold even when no agency that knows of it answers
  labels text[] not null,
  issuer text not null,
  subject text not null,
  kind text not null,
  starts timestamptz not null,
  ends timestamptz,
  source text not null
);
create index case_relationship_of on case_relationship (issuer, subject, child);
