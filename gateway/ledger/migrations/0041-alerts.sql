-- What is wrong with the ledger itself and must be mended by a person: which topic, partition or witness, and since when.
-- Names no child, no case and no access. One row a place, so that it is told once whichever gateway finds it.
CREATE TABLE ledger_alert (
  kind      text NOT NULL,
  -- what is mended together: a topic, the witnesses, the ledger
  scope     text NOT NULL,
  place     text NOT NULL,
  about     jsonb NOT NULL,
  since     timestamptz NOT NULL,
  mended_at timestamptz,
  -- when it was acknowledged last
  told_at   timestamptz,
  tries     integer NOT NULL DEFAULT 0,
  -- by this database's clock; also the lease of the gateway that is telling it now
  next_try  timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (kind, scope, place)
);
