-- Finds what is older than it may be kept, at next to no cost for appending: a summary of each stretch of the table.
CREATE INDEX access_event_age ON access_event USING brin (occurred_at);
