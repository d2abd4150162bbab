-- The case management system of Northshire children's services, and the views that the authority agreed to share.
-- The role that reads for the partnership is granted the schema partner_views and nothing else.
CREATE SCHEMA ccm;
CREATE SCHEMA partner_views;

CREATE TABLE ccm.person (
  person_id text PRIMARY KEY,
  nhs_number text,
  forenames text NOT NULL,
  preferred_forename text,
  surname text NOT NULL,
  former_names text[] NOT NULL,
  date_of_birth date,
  gender text,
  pronouns text,
  ethnicity text,
  first_language text,
  communication_needs text[] NOT NULL,
  upn text,
  address text,
  postcode text,
  home_phone text,
  case_system_alerts text, -- not shared
  restrictions text[] NOT NULL,
  updated_on timestamptz NOT NULL
);
CREATE INDEX ON ccm.person (nhs_number);

CREATE TABLE ccm.contact (
  contact_id text PRIMARY KEY,
  person_id text NOT NULL REFERENCES ccm.person,
  contact_date date NOT NULL,
  recorded_on timestamptz NOT NULL,
  stage text NOT NULL CHECK (stage IN ('Contact', 'Early Help', 'Referral')),
  source_code text NOT NULL,
  primary_need text NOT NULL,
  outcome text NOT NULL,
  referrer_name text,
  notes text NOT NULL,
  info_type text NOT NULL CHECK (info_type IN ('fact', 'opinion', 'allegation')),
  restrictions text[] NOT NULL,
  updated_on timestamptz NOT NULL
);
CREATE INDEX ON ccm.contact (person_id);

CREATE TABLE ccm.relationship (
  relationship_id text PRIMARY KEY,
  person_id text NOT NULL REFERENCES ccm.person,
  relationship text NOT NULL,
  related_name text NOT NULL,
  related_dob date,
  lives_with_child boolean NOT NULL,
  parental_responsibility boolean,
  phone text,
  visit_warnings text[] NOT NULL,
  restrictions text[] NOT NULL,
  updated_on timestamptz NOT NULL
);
CREATE INDEX ON ccm.relationship (person_id);

CREATE TABLE ccm.involvement (
  involvement_id text PRIMARY KEY,
  person_id text NOT NULL REFERENCES ccm.person,
  team text NOT NULL,
  worker_role text NOT NULL,
  worker_name text NOT NULL,
  phone text NOT NULL,
  email text NOT NULL,
  start_date date NOT NULL,
  end_date date,
  restrictions text[] NOT NULL,
  updated_on timestamptz NOT NULL
);
CREATE INDEX ON ccm.involvement (person_id);

CREATE TABLE ccm.assessment (
  assessment_id text PRIMARY KEY,
  person_id text NOT NULL REFERENCES ccm.person,
  start_date date NOT NULL,
  completed_date date,
  factor_codes text[] NOT NULL,
  lead_name text NOT NULL,
  lead_role text NOT NULL CHECK (lead_role IN ('FHLP', 'LCPP')),
  analysis text,
  manager_oversight text, -- not shared
  restrictions text[] NOT NULL,
  updated_on timestamptz NOT NULL
);
CREATE INDEX ON ccm.assessment (person_id);

CREATE TABLE ccm.single_plan (
  plan_id text PRIMARY KEY,
  person_id text NOT NULL REFERENCES ccm.person,
  start_date date NOT NULL,
  end_date date,
  lead_name text NOT NULL,
  lead_role text NOT NULL,
  lead_phone text NOT NULL,
  goals text[] NOT NULL,
  restrictions text[] NOT NULL,
  updated_on timestamptz NOT NULL
);
CREATE INDEX ON ccm.single_plan (person_id);

CREATE TABLE ccm.strategy_discussion (
  strategy_id text PRIMARY KEY,
  person_id text NOT NULL REFERENCES ccm.person,
  held_on date NOT NULL,
  chair text NOT NULL,
  agencies text[] NOT NULL,
  decision text NOT NULL,
  reasons text NOT NULL,
  restrictions text[] NOT NULL,
  updated_on timestamptz NOT NULL
);
CREATE INDEX ON ccm.strategy_discussion (person_id);

CREATE TABLE ccm.section_47 (
  s47_id text PRIMARY KEY,
  person_id text NOT NULL REFERENCES ccm.person,
  start_date date NOT NULL,
  end_date date,
  outcome text,
  lead_name text NOT NULL,
  findings text,
  restrictions text[] NOT NULL,
  updated_on timestamptz NOT NULL
);
CREATE INDEX ON ccm.section_47 (person_id);

CREATE TABLE ccm.conference (
  conference_id text PRIMARY KEY,
  person_id text NOT NULL REFERENCES ccm.person,
  held_on date NOT NULL,
  conference_type text NOT NULL CHECK (conference_type IN ('Initial', 'Review')),
  outcome text NOT NULL,
  chair text NOT NULL,
  restrictions text[] NOT NULL,
  updated_on timestamptz NOT NULL
);
CREATE INDEX ON ccm.conference (person_id);

CREATE TABLE ccm.cp_plan (
  cp_plan_id text PRIMARY KEY,
  person_id text NOT NULL REFERENCES ccm.person,
  start_date date NOT NULL,
  end_date date,
  category text NOT NULL CHECK (category IN ('NEG', 'PHY', 'SAB', 'EMO', 'MUL')),
  lead_name text NOT NULL,
  lead_phone text NOT NULL,
  summary text NOT NULL,
  restrictions text[] NOT NULL,
  updated_on timestamptz NOT NULL
);
CREATE INDEX ON ccm.cp_plan (person_id);

CREATE TABLE ccm.cin_plan (
  cin_plan_id text PRIMARY KEY,
  person_id text NOT NULL REFERENCES ccm.person,
  start_date date NOT NULL,
  end_date date,
  lead_name text NOT NULL,
  summary text NOT NULL,
  family_agreed_on date,
  restrictions text[] NOT NULL,
  updated_on timestamptz NOT NULL
);
CREATE INDEX ON ccm.cin_plan (person_id);

CREATE TABLE ccm.care_episode (
  episode_id text PRIMARY KEY,
  person_id text NOT NULL REFERENCES ccm.person,
  start_date date NOT NULL,
  end_date date,
  legal_status text NOT NULL,
  reason_new_episode text NOT NULL,
  placement text,
  restrictions text[] NOT NULL,
  updated_on timestamptz NOT NULL
);
CREATE INDEX ON ccm.care_episode (person_id);

CREATE TABLE ccm.family_group (
  fgdm_id text PRIMARY KEY,
  person_id text NOT NULL REFERENCES ccm.person,
  offered_on date NOT NULL,
  held_on date,
  outcome text,
  family_plan text,
  restrictions text[] NOT NULL,
  updated_on timestamptz NOT NULL
);
CREATE INDEX ON ccm.family_group (person_id);

CREATE TABLE ccm.pre_proceedings (
  pp_id text PRIMARY KEY,
  person_id text NOT NULL REFERENCES ccm.person,
  opened_on date NOT NULL,
  letter_sent_on date,
  meeting_on date,
  fgdm_offered boolean NOT NULL,
  court_date date,
  outcome text,
  restrictions text[] NOT NULL,
  updated_on timestamptz NOT NULL
);
CREATE INDEX ON ccm.pre_proceedings (person_id);

CREATE TABLE ccm.data_currency (as_of timestamptz NOT NULL, covers_from date NOT NULL);

CREATE VIEW partner_views.person AS
  SELECT person_id, nhs_number, forenames, preferred_forename, surname, former_names, date_of_birth, gender,
         pronouns, ethnicity, first_language, communication_needs, upn, address, postcode, home_phone,
         restrictions, updated_on
  FROM ccm.person;

CREATE VIEW partner_views.contact AS
  SELECT contact_id, person_id, p.nhs_number, contact_date, recorded_on, stage, source_code, primary_need,
         outcome, referrer_name, notes, info_type, r.restrictions, r.updated_on
  FROM ccm.contact r JOIN ccm.person p USING (person_id);

CREATE VIEW partner_views.relationship AS
  SELECT relationship_id, person_id, p.nhs_number, relationship, related_name, related_dob, lives_with_child,
         parental_responsibility, phone, visit_warnings, r.restrictions, r.updated_on
  FROM ccm.relationship r JOIN ccm.person p USING (person_id);

CREATE VIEW partner_views.involvement AS
  SELECT involvement_id, person_id, p.nhs_number, team, worker_role, worker_name, phone, email, start_date,
         end_date, r.restrictions, r.updated_on
  FROM ccm.involvement r JOIN ccm.person p USING (person_id);

CREATE VIEW partner_views.assessment AS
  SELECT assessment_id, person_id, p.nhs_number, start_date, completed_date, factor_codes, lead_name, lead_role,
         analysis, r.restrictions, r.updated_on
  FROM ccm.assessment r JOIN ccm.person p USING (person_id);

CREATE VIEW partner_views.single_plan AS
  SELECT plan_id, person_id, p.nhs_number, start_date, end_date, lead_name, lead_role, lead_phone, goals,
         r.restrictions, r.updated_on
  FROM ccm.single_plan r JOIN ccm.person p USING (person_id);

CREATE VIEW partner_views.strategy_discussion AS
  SELECT strategy_id, person_id, p.nhs_number, held_on, chair, agencies, decision, reasons, r.restrictions,
         r.updated_on
  FROM ccm.strategy_discussion r JOIN ccm.person p USING (person_id);

CREATE VIEW partner_views.section_47 AS
  SELECT s47_id, person_id, p.nhs_number, start_date, end_date, outcome, lead_name, findings, r.restrictions,
         r.updated_on
  FROM ccm.section_47 r JOIN ccm.person p USING (person_id);

CREATE VIEW partner_views.conference AS
  SELECT conference_id, person_id, p.nhs_number, held_on, conference_type, outcome, chair, r.restrictions,
         r.updated_on
  FROM ccm.conference r JOIN ccm.person p USING (person_id);

CREATE VIEW partner_views.cp_plan AS
  SELECT cp_plan_id, person_id, p.nhs_number, start_date, end_date, category, lead_name, lead_phone, summary,
         r.restrictions, r.updated_on
  FROM ccm.cp_plan r JOIN ccm.person p USING (person_id);

CREATE VIEW partner_views.cin_plan AS
  SELECT cin_plan_id, person_id, p.nhs_number, start_date, end_date, lead_name, summary, family_agreed_on,
         r.restrictions, r.updated_on
  FROM ccm.cin_plan r JOIN ccm.person p USING (person_id);

CREATE VIEW partner_views.care_episode AS
  SELECT episode_id, person_id, p.nhs_number, start_date, end_date, legal_status, reason_new_episode, placement,
         r.restrictions, r.updated_on
  FROM ccm.care_episode r JOIN ccm.person p USING (person_id);

CREATE VIEW partner_views.family_group AS
  SELECT fgdm_id, person_id, p.nhs_number, offered_on, held_on, outcome, family_plan, r.restrictions, r.updated_on
  FROM ccm.family_group r JOIN ccm.person p USING (person_id);

CREATE VIEW partner_views.pre_proceedings AS
  SELECT pp_id, person_id, p.nhs_number, opened_on, letter_sent_on, meeting_on, fgdm_offered, court_date, outcome,
         r.restrictions, r.updated_on
  FROM ccm.pre_proceedings r JOIN ccm.person p USING (person_id);

CREATE VIEW partner_views.data_currency AS SELECT as_of, covers_from FROM ccm.data_currency;
