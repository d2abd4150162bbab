-- What ends in mid-session besides a nomination and a case relationship, and who is tied to which child.

-- Null is the closed side: not trained, no right to open an emergency. Vetting without an end does not lapse.
alter table practitioner
  add column vetting_until timestamptz,
  add column trained_until timestamptz,
  add column break_glass_from timestamptz,
  add column break_glass_until timestamptz;

-- People of the register who are a child themselves, or a child's relative, as their agencies declare it.
create table child_connection (
  child bytea not null,
  issuer text not null,
  subject text not null,
  kind text not null check (kind in ('self', 'relative')),
  starts timestamptz not null,
  ends timestamptz,
  source text not null
);
create index child_connection_of on child_connection (child);

-- What the case systems state of a child, whoever works with her and also where nobody does yet: in an emergency
-- her records are compared with it, and her confidential address is known from it.
create table stated_child (
  case_reference text not null,
  child bytea not null,
  born bytea not null,
  given_names bytea[] not null,
  family_names bytea[] not null,
  labels text[] not null,
  source text not null
);
create index stated_child_of on stated_child (child);

insert into stated_child
  select distinct case_reference, child, born, given_names, family_names, labels, source from case_relationship;
