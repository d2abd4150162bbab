-- The hash of each record's exact bytes, with its place: it stays when the record itself is erased.
ALTER TABLE access_leaf ADD COLUMN sha256 bytea;
UPDATE access_leaf SET sha256 = sha256(body) FROM access_event WHERE access_event.event_id = access_leaf.event_id;
ALTER TABLE access_leaf ALTER COLUMN sha256 SET NOT NULL;

-- Whole tiles of the hash tree (c2sp.org/tlog-tiles): 256 hashes each, never changed.
CREATE TABLE log_tile (
  level  smallint NOT NULL,
  index  bigint NOT NULL,
  hashes bytea NOT NULL CHECK (length(hashes) = 8192),
  PRIMARY KEY (level, index)
);

-- The last signed checkpoint; written in the transaction of the tiles that it covers.
CREATE TABLE log_checkpoint (
  one  boolean PRIMARY KEY DEFAULT true CHECK (one),
  size bigint NOT NULL,
  note text NOT NULL
);
