/**
 * Proves, on the agency's own database, that our role can change nothing there. Four things would be enough to
 * refuse: power over the server, over a schema, over a table or one of its columns, or over a sequence.
 */
import type { ClientBase } from 'pg'

/** Catalogue functions of PostgreSQL 15 and later; the system's own schemas are left out. */
const POWERS = `
SELECT 'it is a superuser or may make roles, databases or replicas' AS power FROM pg_roles
 WHERE rolname = current_user AND (rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication)
UNION ALL
SELECT 'it may write files or run programs on the server' FROM pg_roles
 WHERE rolname IN ('pg_write_server_files', 'pg_execute_server_program', 'pg_write_all_data')
   AND pg_has_role(current_user, oid, 'MEMBER')
UNION ALL
SELECT 'it may make schemas in the database' WHERE has_database_privilege(current_user, current_database(), 'CREATE')
UNION ALL
SELECT 'it may make things in a schema' FROM pg_namespace
 WHERE nspname <> 'information_schema' AND nspname !~ '^pg_' AND has_schema_privilege(oid, 'CREATE')
UNION ALL
SELECT CASE WHEN relkind = 'S' THEN 'it may move a sequence' ELSE 'it may change a table or view' END
  FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
 WHERE nspname <> 'information_schema' AND nspname !~ '^pg_'
   AND CASE
     WHEN relkind = 'S' THEN has_sequence_privilege(pg_class.oid, 'USAGE, UPDATE')
     WHEN relkind IN ('r', 'p', 'v', 'm', 'f') THEN
       has_table_privilege(pg_class.oid, 'INSERT, UPDATE, DELETE, TRUNCATE, TRIGGER')
       OR has_any_column_privilege(pg_class.oid, 'INSERT, UPDATE')
       OR pg_has_role(relowner, 'USAGE')
     ELSE false END
LIMIT 1`

/** @returns the power that our role should not have, or null */
export async function powerToWrite(client: ClientBase): Promise<string | null> {
  const { rows } = await client.query<{ power: string }>(POWERS)
  return rows[0]?.power ?? null
}
