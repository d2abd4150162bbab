-- The shelf: every bundle of policies that ever decided, with its files, so that any decision can be explained later.
-- Policies and agreements are no secrets; nothing here speaks of a child.
create table policy_bundle (
  version   text primary key,              -- sha256: over `files`
  files     jsonb not null,                -- [{ path, text }] in order of path
  approved  jsonb not null,                -- approvals by which it went live: each is used once
  loaded_at timestamptz not null default now()
);

-- The one that later edits are compared with: what people decided last, in any of the gateways.
create table policy_live (
  one      boolean primary key default true check (one),
  version  text not null references policy_bundle,
  approved text not null,                  -- the last that was approved; `version` is that one or provably narrower
  since    timestamptz not null
);
