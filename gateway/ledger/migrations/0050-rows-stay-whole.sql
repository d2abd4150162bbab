-- A record is about 2,000 bytes, just above where PostgreSQL begins to compress and to move aside: that took a third of
-- the server's time for a commit, before every answer. Up to a whole page the bytes now stay in their row as they are.
ALTER TABLE access_event SET (toast_tuple_target = 8160);
-- Encrypted bytes cannot be made smaller; what is larger than a page is moved aside untouched.
ALTER TABLE access_grounds SET (toast_tuple_target = 8160);
ALTER TABLE access_grounds ALTER COLUMN sealed SET STORAGE EXTERNAL;
