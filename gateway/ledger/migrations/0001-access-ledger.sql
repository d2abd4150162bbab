-- The access ledger. `body` is the exact bytes that are hashed and relayed: never jsonb, which reorders keys.
CREATE TABLE access_event (
  event_id      uuid PRIMARY KEY,
  occurred_at   timestamptz NOT NULL,
  partition_key text NOT NULL,
  body          bytea NOT NULL
);

-- The outbox: a set, not a cursor. "id greater than the last one" loses the row that commits late.
-- Its key puts the oldest first, for the sequencer.
CREATE TABLE access_pending (
  occurred_at timestamptz NOT NULL,
  event_id    uuid NOT NULL,
  PRIMARY KEY (occurred_at, event_id)
);

-- The order of the log: contiguous from 0. The primary key fences a second sequencer.
CREATE TABLE access_leaf (
  idx      bigint PRIMARY KEY CHECK (idx >= 0),
  event_id uuid NOT NULL UNIQUE
);

-- How far the relay came, per topic. The topic's own tails are the truth; this spares a search from the beginning.
CREATE TABLE access_relayed (
  topic        text PRIMARY KEY,
  through      bigint NOT NULL,            -- every index up to here was acknowledged
  acked_index  bigint[] NOT NULL,          -- per partition: last acknowledged index, -1 for none
  acked_offset bigint[] NOT NULL           -- per partition: its offset, -1 for none
);

-- The only tie between a child and the ledger. Deleting a row makes that child's accesses anonymous.
CREATE TABLE child_pseudonym (
  lookup bytea PRIMARY KEY,                -- HMAC of the NHS number
  pid    text NOT NULL UNIQUE
);
