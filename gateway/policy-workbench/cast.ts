/** Who and what appears in the worked examples: `scenarios/cast.yaml`. An example then states only what matters. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { sectors } from '../../schema/record-type.ts'
import { type Agreement, agreementFor } from '../sharing/policy/agreement.ts'
import type { PolicyBundle } from '../sharing/policy/bundle.ts'
import type { Ask, Practitioner, RecordClass } from '../sharing/policy/decide.ts'
import type { RecordShape } from '../sharing/policy/policy-schema.ts'
import { startOfUkDay } from '../sharing/policy/uk-day.ts'
import { CAST, type Example, moment } from './example-file.ts'
import { meant, readWithLines } from './yaml-lines.ts'

const changes = z.record(z.string(), z.unknown())

const castFile = z.strictObject({
  usual: z.strictObject({ who: z.string(), asks: z.string(), on: moment }),
  people: z.record(z.string(), changes),
  questions: z.record(z.string(), changes),
  /** the first of a sector is meant where an example names none */
  custodians: z.record(z.string(), z.strictObject({ agency: z.string(), sector: z.enum(sectors) })),
})
export type Cast = z.infer<typeof castFile>

/** An example with everything that it leaves out filled in: one question for each person and record that it names. */
export interface Staged {
  readonly example: Example
  readonly people: readonly (Practitioner & { readonly organisation: string })[]
  readonly ask: Ask
  readonly records: readonly RecordClass[]
  /** the agreements of the bundle, with what the example supposes otherwise */
  readonly agreements: readonly Agreement[] | null
}

export async function readCast(dir: string, faults: string[]): Promise<Cast | null> {
  const text = await readFile(join(dir, CAST), 'utf8').catch(() => null)
  if (text !== null) return readWithLines(CAST, text, castFile, faults)?.data ?? null
  faults.push(`${CAST}: the file is missing; it says who asks what in the examples`)
  return null
}

/** @param faults receives a line for each name or key that is not known; such an example is left out */
export function stage(
  bundle: PolicyBundle,
  cast: Cast,
  examples: readonly Example[],
  faults: string[],
): readonly Staged[] {
  return examples.flatMap((example) => {
    const before = faults.length
    const staged = stageOne(bundle, cast, example, (fault) => faults.push(`${example.place}: ${fault}`))
    return faults.length > before || !staged ? [] : [staged]
  })
}

type Say = (fault: string) => void

function stageOne(bundle: PolicyBundle, cast: Cast, example: Example, say: Say): Staged | null {
  const { schema } = bundle
  const whos = Array.isArray(example.who) ? example.who : [example.who ?? cast.usual.who]
  const people = whos.map((who) => ({
    ...fill(schema.principal),
    ...like(who, cast.people, cast.usual.who, ['organisation', ...schema.principal.attributes.keys()], say),
  })) as unknown as Staged['people']
  const asked = like(
    example.asks ?? cast.usual.asks,
    cast.questions,
    cast.usual.asks,
    [...schema.context.attributes.keys()],
    say,
  )
  const now = instantOf(example.on ?? cast.usual.on)
  const ask = { ...fill(schema.context), ...asked, now } as unknown as Ask
  const records = recordsOf(bundle, cast, example, say)
  const [person] = people
  const [record] = records
  if (!record) return null
  if (!example.agreement || !person) return { example, people, ask, records, agreements: null }
  const row = agreementFor(bundle, record.agency, record.custodian, person.agency, now)
  if (!row) {
    say('supposes another agreement where there is none')
    return null
  }
  for (const key of Object.keys(example.agreement))
    if (!(key in row)) say(`\`${key}\` is no term of an agreement; ${meant(key, Object.keys(row))}`)
  const supposed = { ...row, ...example.agreement } as Agreement
  return {
    example,
    people,
    ask,
    records,
    agreements: bundle.agreements.map((each) => (each === row ? supposed : each)),
  }
}

/** A name of the cast, or one with changes. */
function like(
  given: unknown,
  named: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
  usual: string,
  known: readonly string[],
  say: Say,
): Record<string, unknown> {
  const { like: base = usual, ...changed } =
    typeof given === 'string' ? { like: given } : (given as Record<string, unknown>)
  const start = named[String(base)]
  if (!start) say(`\`${String(base)}\` is not in ${CAST}; ${meant(String(base), Object.keys(named))}`)
  const merged = { ...start, ...changed }
  for (const key of Object.keys(merged))
    if (!known.includes(key)) say(`\`${key}\` is no key here; ${meant(key, known)}`)
  return merged
}

function recordsOf(bundle: PolicyBundle, cast: Cast, example: Example, say: Say): RecordClass[] {
  const { about, expect } = example
  if (about === undefined) {
    if (expect === 'accepted' || (typeof expect === 'object' && expect.refused))
      return [fill(bundle.schema.resource) as unknown as RecordClass]
    say('`about` is missing: the record type that is asked for')
    return []
  }
  const { type, ...more } = typeof about === 'string' ? { type: about } : about
  return [type].flat().flatMap((each) => recordOf(bundle, cast, { type: each, ...more }, say) ?? [])
}

function recordOf(
  { schema }: PolicyBundle,
  cast: Cast,
  { type, from, ...more }: Readonly<Record<string, unknown>>,
  say: Say,
): RecordClass | null {
  const sector = String(type).split('.')[0]
  const [custodian, held] =
    Object.entries(cast.custodians).find(([id, each]) =>
      from === undefined ? each.sector === sector : id === from,
    ) ?? []
  if (!custodian || !held) {
    say(
      from === undefined
        ? `no custodian of ${CAST} holds \`${String(type)}\`; say \`from:\` and whose it is`
        : `\`${String(from)}\` is no custodian of ${CAST}; ${meant(String(from), Object.keys(cast.custodians))}`,
    )
    return null
  }
  const known = [...schema.resource.attributes.keys()].filter((name) => name !== 'agreement')
  for (const key of Object.keys(more))
    if (!known.includes(key)) say(`\`${key}\` is no key here; ${meant(key, ['type', 'from', ...known])}`)
  return {
    ...fill(schema.resource),
    ...held,
    custodian,
    recordType: type,
    subject: 'child',
    ...more,
  } as RecordClass
}

/** The plainest value of every attribute that must be there: no, none, nothing; a list that is empty. */
function fill(shape: RecordShape): Record<string, unknown> {
  const filled: Record<string, unknown> = {}
  for (const [name, { shape: inner, required }] of shape.attributes) {
    if (!required) continue
    if (inner.kind === 'boolean') filled[name] = false
    else if (inner.kind === 'long') filled[name] = 0
    else if (inner.kind === 'string') filled[name] = ''
    else if (inner.kind === 'set') filled[name] = []
    else if (inner.kind === 'code') filled[name] = [...inner.ids.keys()][0]
    else if (inner.kind === 'record') filled[name] = fill(inner)
    else filled[name] = new Date(0)
  }
  return filled
}

/** Ten in the morning where only the day is given. */
export function instantOf(text: string): Date {
  const [day = '', time = '10:00'] = text.split(' ')
  const [hours = 0, minutes = 0] = time.split(':').map(Number)
  return new Date(startOfUkDay(day).getTime() + (hours * 60 + minutes) * 60_000)
}
