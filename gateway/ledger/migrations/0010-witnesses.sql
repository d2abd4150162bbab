-- The last checkpoint that went to the witnesses, with the signatures of those who answered in time: what is handed
-- out. Without witnesses there is none, and `log_checkpoint` is handed out.
CREATE TABLE log_published (
  one  boolean PRIMARY KEY DEFAULT true CHECK (one),
  size bigint NOT NULL,
  note text NOT NULL
);

-- How far each witness came.
CREATE TABLE log_witness (
  name    text PRIMARY KEY,                -- of its key
  size    bigint NOT NULL DEFAULT 0,       -- of the last checkpoint that it cosigned
  refused text                             -- the code with which it refused this log; somebody must look
);

-- The hash that stands for a whole tile in the tile above. Tiles of before have none; it is worked out from them.
ALTER TABLE log_tile ADD COLUMN root bytea;

-- The leaf hashes of the last tile, which is not whole, as they were signed. A row that is changed afterwards does not
-- change them.
ALTER TABLE log_checkpoint ADD COLUMN edge bytea NOT NULL DEFAULT '';
