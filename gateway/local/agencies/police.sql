-- The records management system of Northshire Police, and the views that the force agreed to share.
-- The role that reads for the partnership is granted the schema partner_share and nothing else.
CREATE SCHEMA rms;
CREATE SCHEMA partner_share;

CREATE TABLE rms.nominal (
  nominal_ref text PRIMARY KEY,
  nhs_no text,
  surname text NOT NULL,
  forename1 text NOT NULL,
  forename2 text,
  alias_names text[] NOT NULL,
  dob date,
  sex_code text NOT NULL CHECK (sex_code IN ('M', 'F', 'U')),
  self_defined_eth text,
  home_addr text,
  home_pcode text,
  home_tel text,
  markers text[] NOT NULL,
  internal_remarks text, -- not shared
  last_updated timestamptz NOT NULL
);
CREATE INDEX ON rms.nominal (nhs_no);

CREATE TABLE rms.association (
  assoc_id text PRIMARY KEY,
  nominal_ref text NOT NULL REFERENCES rms.nominal,
  assoc_type text NOT NULL,
  assoc_surname text NOT NULL,
  assoc_forename text NOT NULL,
  assoc_dob date,
  same_address boolean NOT NULL,
  assoc_tel text,
  warning_signals text[] NOT NULL,
  markers text[] NOT NULL,
  last_updated timestamptz NOT NULL
);

CREATE TABLE rms.ppn (
  ppn_no text PRIMARY KEY,
  nominal_ref text NOT NULL REFERENCES rms.nominal,
  occurred_at timestamptz NOT NULL,
  raised_at timestamptz NOT NULL,
  ppn_kind text NOT NULL,
  rag text NOT NULL CHECK (rag IN ('R', 'A', 'G')),
  location text,
  persons_present text[] NOT NULL,
  officer_account text NOT NULL,
  share_rationale text,
  role_code text NOT NULL,
  info_type text NOT NULL,
  markers text[] NOT NULL,
  officer_collar_no text, -- not shared
  last_updated timestamptz NOT NULL
);

CREATE TABLE rms.crime (
  crime_ref text PRIMARY KEY,
  nominal_ref text NOT NULL REFERENCES rms.nominal,
  committed_at timestamptz NOT NULL,
  recorded_at timestamptz NOT NULL,
  offence_title text NOT NULL,
  ho_outcome smallint CHECK (ho_outcome BETWEEN 1 AND 22),
  ho_outcome_date date,
  location text,
  other_parties text[] NOT NULL,
  mo_summary text NOT NULL,
  role_code text NOT NULL,
  info_type text NOT NULL,
  markers text[] NOT NULL,
  officer_collar_no text, -- not shared
  last_updated timestamptz NOT NULL
);

CREATE TABLE rms.misper (
  misper_ref text PRIMARY KEY,
  nominal_ref text NOT NULL REFERENCES rms.nominal,
  reported_at timestamptz NOT NULL,
  risk_grade text NOT NULL CHECK (risk_grade IN ('VL', 'L', 'M', 'H')),
  returned_at timestamptz,
  rhi_done boolean,
  found_at_place text,
  circumstances text NOT NULL,
  markers text[] NOT NULL,
  officer_collar_no text, -- not shared
  last_updated timestamptz NOT NULL
);

CREATE TABLE rms.dv_incident (
  incident_ref text PRIMARY KEY,
  nominal_ref text NOT NULL REFERENCES rms.nominal,
  occurred_at timestamptz NOT NULL,
  recorded_at timestamptz NOT NULL,
  dash_level text NOT NULL CHECK (dash_level IN ('STD', 'MED', 'HIGH')),
  marac boolean NOT NULL,
  encompass_sent boolean NOT NULL,
  location text,
  adults_involved text[] NOT NULL,
  officer_account text NOT NULL,
  role_code text NOT NULL,
  info_type text NOT NULL,
  markers text[] NOT NULL,
  officer_collar_no text, -- not shared
  last_updated timestamptz NOT NULL
);

CREATE TABLE rms.intel (
  intel_ref text PRIMARY KEY,
  nominal_ref text NOT NULL REFERENCES rms.nominal,
  event_date date,
  submitted_at timestamptz NOT NULL,
  source_eval text NOT NULL CHECK (source_eval IN ('1', '2', '3')),
  info_assess text NOT NULL CHECK (info_assess IN ('A', 'B', 'C', 'D', 'E')),
  handling text NOT NULL CHECK (handling IN ('P', 'C')),
  handling_conditions text[] NOT NULL,
  sanitised_text text NOT NULL,
  source_identity text, -- not shared
  markers text[] NOT NULL,
  last_updated timestamptz NOT NULL
);

CREATE TABLE rms.custody (
  custody_ref text PRIMARY KEY,
  nominal_ref text NOT NULL REFERENCES rms.nominal,
  detained_at timestamptz NOT NULL,
  released_at timestamptz,
  detention_reason text NOT NULL,
  appropriate_adult text,
  role_code text NOT NULL,
  markers text[] NOT NULL,
  last_updated timestamptz NOT NULL
);

CREATE TABLE rms.officer_in_case (
  oic_id text PRIMARY KEY,
  nominal_ref text NOT NULL REFERENCES rms.nominal,
  unit text NOT NULL,
  officer text NOT NULL,
  duty text NOT NULL,
  tel text NOT NULL,
  email text NOT NULL,
  from_date date NOT NULL,
  to_date date,
  markers text[] NOT NULL,
  last_updated timestamptz NOT NULL
);

CREATE TABLE rms.data_currency (as_of timestamptz NOT NULL, covers_from date NOT NULL);

CREATE INDEX ON rms.association (nominal_ref);
CREATE INDEX ON rms.ppn (nominal_ref);
CREATE INDEX ON rms.crime (nominal_ref);
CREATE INDEX ON rms.misper (nominal_ref);
CREATE INDEX ON rms.dv_incident (nominal_ref);
CREATE INDEX ON rms.intel (nominal_ref);
CREATE INDEX ON rms.custody (nominal_ref);
CREATE INDEX ON rms.officer_in_case (nominal_ref);

CREATE VIEW partner_share.v_nominal AS
  SELECT nominal_ref, nhs_no, surname, forename1, forename2, alias_names, dob, sex_code, self_defined_eth,
         home_addr, home_pcode, home_tel, markers, last_updated
  FROM rms.nominal;

CREATE VIEW partner_share.v_association AS
  SELECT assoc_id, r.nominal_ref, n.nhs_no, assoc_type, assoc_surname, assoc_forename, assoc_dob, same_address,
         assoc_tel, warning_signals, r.markers, r.last_updated
  FROM rms.association r JOIN rms.nominal n USING (nominal_ref);

CREATE VIEW partner_share.v_ppn AS
  SELECT ppn_no, r.nominal_ref, n.nhs_no, occurred_at, raised_at, ppn_kind, rag, location, persons_present,
         officer_account, share_rationale, role_code, info_type, r.markers, r.last_updated
  FROM rms.ppn r JOIN rms.nominal n USING (nominal_ref);

CREATE VIEW partner_share.v_crime AS
  SELECT crime_ref, r.nominal_ref, n.nhs_no, committed_at, recorded_at, offence_title, ho_outcome, ho_outcome_date,
         location, other_parties, mo_summary, role_code, info_type, r.markers, r.last_updated
  FROM rms.crime r JOIN rms.nominal n USING (nominal_ref);

CREATE VIEW partner_share.v_misper AS
  SELECT misper_ref, r.nominal_ref, n.nhs_no, reported_at, risk_grade, returned_at, rhi_done, found_at_place,
         circumstances, r.markers, r.last_updated
  FROM rms.misper r JOIN rms.nominal n USING (nominal_ref);

CREATE VIEW partner_share.v_dv_incident AS
  SELECT incident_ref, r.nominal_ref, n.nhs_no, occurred_at, recorded_at, dash_level, marac, encompass_sent, location,
         adults_involved, officer_account, role_code, info_type, r.markers, r.last_updated
  FROM rms.dv_incident r JOIN rms.nominal n USING (nominal_ref);

CREATE VIEW partner_share.v_intel AS
  SELECT intel_ref, r.nominal_ref, n.nhs_no, event_date, submitted_at, source_eval, info_assess, handling,
         handling_conditions, sanitised_text, r.markers, r.last_updated
  FROM rms.intel r JOIN rms.nominal n USING (nominal_ref);

CREATE VIEW partner_share.v_custody AS
  SELECT custody_ref, r.nominal_ref, n.nhs_no, detained_at, released_at, detention_reason, appropriate_adult,
         role_code, r.markers, r.last_updated
  FROM rms.custody r JOIN rms.nominal n USING (nominal_ref);

CREATE VIEW partner_share.v_officer_in_case AS
  SELECT oic_id, r.nominal_ref, n.nhs_no, unit, officer, duty, tel, email, from_date, to_date, r.markers,
         r.last_updated
  FROM rms.officer_in_case r JOIN rms.nominal n USING (nominal_ref);

CREATE VIEW partner_share.v_data_currency AS SELECT as_of, covers_from FROM rms.data_currency;
