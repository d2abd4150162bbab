-- A record of 2 kB stays in its row. PostgreSQL would try to compress it, which random values do not allow, and then
-- cut it up beside the table: a third of the cost of an append, and half of the cost of giving places. Holds for the
-- records that come; those that are stored stay as they are.
ALTER TABLE access_event SET (toast_tuple_target = 8160);
