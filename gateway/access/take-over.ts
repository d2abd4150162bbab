/** Takes a register over: replaces all that its source said before, in one transaction, so that no moment is between. */
import type { Pool, PoolClient } from 'pg'
import { nameWords } from '../../schema/person-name.ts'
import type { ChildKeys } from './child-keys.ts'
import type { RegisterFile } from './register-file.ts'
import { inTransaction } from './transaction.ts'

const TABLES = [
  'practitioner',
  'nomination',
  'case_relationship',
  'stated_child',
  'child_connection',
] as const

type Row = Readonly<Record<string, unknown>>

async function insert(client: PoolClient, table: (typeof TABLES)[number], row: Row): Promise<void> {
  const columns = Object.keys(row)
  const places = columns.map((_, place) => `$${place + 1}`)
  await client.query(
    `insert into ${table} (${columns.join(', ')}) values (${places.join(', ')})`,
    Object.values(row),
  )
}

/** What the case system states of a child, as it may rest here. */
function statedOf(child: Omit<RegisterFile['cases'][number], 'practitioners'>, keys: ChildKeys): Row {
  const { reference, nhsNumber, dateOfBirth } = child
  const hashes = (part: 'given' | 'family', names: readonly string[]) =>
    names.flatMap(nameWords).map((word) => keys.nameOf(nhsNumber, part, word))
  return {
    case_reference: reference,
    child: keys.lookupOf(nhsNumber),
    born: keys.bornOf(nhsNumber, dateOfBirth),
    given_names: hashes('given', child.givenNames),
    family_names: hashes('family', child.familyNames),
    labels: child.labels,
  }
}

const period = ({ from, until }: { from: string; until: string | null }) => ({ starts: from, ends: until })

export async function takeOver(pool: Pool, keys: ChildKeys, file: RegisterFile, issuer: string) {
  const { source, practitioners, nominations, cases, connections } = file
  await inTransaction(pool, async (client) => {
    // a day in the file begins at midnight in the United Kingdom, wherever the database stands
    await client.query("set local time zone 'Europe/London'")
    for (const table of TABLES)
      await client.query(`delete from ${table} where source = $1 or starts_with(source, $1 || ': ')`, [
        source,
      ])
    for (const each of practitioners)
      await insert(client, 'practitioner', {
        issuer,
        subject: each.subject,
        name: each.name,
        agency: each.agency,
        role: each.role,
        organisation_kind: each.organisationKind,
        vetting: each.vetting,
        vetting_until: each.vettingUntil,
        trained_until: each.training?.until ?? null,
        break_glass_from: each.breakGlass?.from ?? null,
        break_glass_until: each.breakGlass?.until ?? null,
        ...period(each),
        source,
      })
    for (const each of nominations)
      await insert(client, 'nomination', {
        issuer,
        subject: each.subject,
        role: each.role,
        ...period(each),
        source: `${source}: ${each.source}`,
      })
    for (const { practitioners: tied, ...child } of cases) {
      const stated = statedOf(child, keys)
      await insert(client, 'stated_child', { ...stated, source })
      for (const { subject, kind, ...tie } of tied)
        await insert(client, 'case_relationship', {
          ...stated,
          issuer,
          subject,
          kind,
          ...period(tie),
          source,
        })
    }
    for (const each of connections)
      await insert(client, 'child_connection', {
        child: keys.lookupOf(each.nhsNumber),
        issuer,
        subject: each.subject,
        kind: each.kind,
        ...period(each),
        source: `${source}: ${each.source}`,
      })
  })
  return { practitioners: practitioners.length, cases: cases.length }
}
