-- Sixteen hashes halfway up a whole tile: a proof then folds some twenty hashes of it, and not two hundred and fifty. Tiles
-- of before have none, and are folded.
ALTER TABLE log_tile ADD COLUMN middle bytea CHECK (length(middle) = 512);
