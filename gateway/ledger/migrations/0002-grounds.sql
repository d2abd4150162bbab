-- What the policies could see when they decided about an access, so that a decision can be explained and replayed.
-- Encrypted, as it tells of what was silent; written in the transaction of its access, never relayed.
CREATE TABLE access_grounds (
  event_id uuid PRIMARY KEY,
  sealed   bytea NOT NULL
);
