/**
 * How a native shape becomes a record: which expression gives which field, and how native codes are translated.
 * The expression is in the kind's own language: a column (sql), FHIRPath (fhir), JSONata (rest, graphql).
 */
import { z } from 'zod'
import type { DecidedGroup } from '../schema/data-group.ts'
import type { RecordType } from '../schema/record-type.ts'
import { listIn } from './value.ts'

const expression = z.string().min(1).max(2000)

/** One value: an expression, a constant, or an expression whose native codes are translated. */
export const reading = z.union(
  [
    expression,
    z.strictObject({ value: z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]) }),
    z.strictObject({
      from: expression,
      /** native → published; an empty text drops the value, a code that is not named stays as it came */
      codes: z.record(z.string(), z.string()).optional(),
      /** separates the entries of a list that the source holds in one text */
      split: z.string().min(1).optional(),
    }),
    /** one text out of several values; those that are empty are left out */
    z.strictObject({ join: z.array(expression).min(1), with: z.string() }),
  ],
  {
    error:
      'write an expression, `{ value: … }`, `{ from: …, codes: …, split: … }` or `{ join: […], with: … }`',
  },
)
export type Reading = z.infer<typeof reading>

/** Several readings are joined into one list. */
export const readings = z.union([reading, z.array(reading)], {
  error:
    'write an expression, `{ value: … }`, `{ from: …, codes: …, split: … }`, `{ join: […], with: … }` or a list of these',
})
export type Readings = z.infer<typeof readings>

export const recordRule = z.strictObject({
  sourceId: readings,
  system: reading.optional(),
  eventTime: reading.optional(),
  recordedTime: reading.optional(),
  assertion: reading.optional(),
  subjectCategory: reading.optional(),
  about: reading.optional(),
  labels: readings.optional(),
  handling: readings.optional(),
  fields: z.record(z.string(), readings),
})
export type RecordRule = z.infer<typeof recordRule>

export const personRule = z.strictObject({
  localId: reading,
  nhsNumber: reading,
  givenNames: readings.optional(),
  familyNames: readings.optional(),
  dateOfBirth: reading.optional(),
  labels: readings.optional(),
})
export type PersonRule = z.infer<typeof personRule>

/** What a kind hands over: mapped, and not yet believed. `receive.ts` validates it. */
export interface Unchecked {
  readonly kind: 'unchecked'
  readonly people: readonly Readonly<Record<keyof PersonRule, unknown>>[]
  readonly records: readonly UncheckedRecord[]
  readonly asOf: unknown
  /** the first day of which records are held */
  readonly holdsFrom: unknown
}
export type UncheckedRecord = Readonly<Record<Exclude<keyof RecordRule, 'fields'>, unknown>> & {
  readonly type: string
  readonly fields: Readonly<Record<string, unknown>>
}

/** The fields that were asked for: policy could release their group. What is in the envelope goes with the record. */
export const fieldsAsked = (type: RecordType, groups: readonly DecidedGroup[]): readonly string[] =>
  Object.entries(type.fields)
    .filter(([, field]) => field.group === 'envelope' || groups.includes(field.group))
    .map(([name]) => name)

/** Every expression that a rule needs for those fields, each once. */
export function expressionsOf(rule: RecordRule, fields: readonly string[]): readonly string[] {
  const { fields: mapped, ...envelope } = rule
  return expressionsIn([...Object.values(envelope), ...fields.map((name) => mapped[name])])
}

export const expressionsIn = (all: readonly (Readings | undefined)[]): readonly string[] => [
  ...new Set(
    all.flat().flatMap((one) => {
      if (one === undefined) return []
      if (typeof one === 'string') return [one]
      if ('join' in one) return one.join
      return 'from' in one ? [one.from] : []
    }),
  ),
]

/** @param read gives the native value of an expression in the row at hand */
export function assemble(
  type: string,
  rule: RecordRule,
  fields: readonly string[],
  read: (expression: string) => unknown,
): UncheckedRecord {
  const value = (from: Readings | undefined) => valueFrom(from, read)
  return {
    type,
    sourceId: Array.isArray(rule.sourceId) ? listIn(value(rule.sourceId)).join(':') : value(rule.sourceId),
    system: value(rule.system),
    eventTime: value(rule.eventTime),
    recordedTime: value(rule.recordedTime),
    assertion: value(rule.assertion),
    subjectCategory: value(rule.subjectCategory),
    about: value(rule.about),
    labels: value(rule.labels),
    handling: value(rule.handling),
    fields: Object.fromEntries(fields.map((name) => [name, value(rule.fields[name])])),
  }
}

export const assemblePerson = (rule: PersonRule, read: (expression: string) => unknown) => ({
  localId: valueFrom(rule.localId, read),
  nhsNumber: valueFrom(rule.nhsNumber, read),
  givenNames: valueFrom(rule.givenNames, read),
  familyNames: valueFrom(rule.familyNames, read),
  dateOfBirth: valueFrom(rule.dateOfBirth, read),
  labels: valueFrom(rule.labels, read),
})

function valueFrom(from: Readings | undefined, read: (expression: string) => unknown): unknown {
  if (from === undefined) return null
  if (Array.isArray(from)) return from.flatMap((one) => listOf(valueFrom(one, read)))
  if (typeof from === 'string') return read(from)
  if ('value' in from) return from.value
  if ('join' in from) {
    const parts = listIn(from.join.flatMap(read))
    return parts.length === 0 ? null : parts.join(from.with)
  }
  const { codes, split } = from
  let native = read(from.from)
  if (split !== undefined && typeof native === 'string') native = native.split(split)
  if (codes === undefined) return native
  const translate = (code: unknown): unknown => {
    if (typeof code !== 'string' && typeof code !== 'number' && typeof code !== 'boolean') return code
    const key = String(code).trim()
    if (!Object.hasOwn(codes, key)) return code
    return codes[key] === '' ? null : codes[key]
  }
  return Array.isArray(native) ? native.map(translate) : translate(native)
}

const listOf = (value: unknown): readonly unknown[] =>
  value === null || value === undefined ? [] : Array.isArray(value) ? value : [value]
