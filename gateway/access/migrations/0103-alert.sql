-- What somebody must know of at once. A row names no child and no case: the event id leads to the access record, for
-- those who may read that.

create table alert (
  event_id uuid not null,
  kind text not null,
  agency text not null,
  role text not null,
  raised_at timestamptz not null,
  tries integer not null default 0,
  -- by this database's clock; also the lease of the gateway that is delivering it now
  next_try timestamptz not null default now(),
  delivered_at timestamptz,
  primary key (event_id, kind)
);
create index alert_undelivered on alert (next_try) where delivered_at is null;
