-- Pseudonyms of children whose records were erased from the ledger: nothing about them is held, whenever it arrives.
create table reader_erased (
  pid text primary key
);
