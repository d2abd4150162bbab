-- Of an event that tells how an answer ended for whoever asked: `whole` or `cut-off`.
alter table read_access add column ended text;
