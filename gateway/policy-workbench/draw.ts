/**
 * Draws questions that could be asked, near the edges of what a policy speaks of: its codes, its numbers, the first
 * and the last instant of every agreement. The same seed draws the same questions.
 */
import type { Agreement } from '../sharing/policy/agreement.ts'
import type { PolicyBundle } from '../sharing/policy/bundle.ts'
import type { Ask, Practitioner, RecordClass } from '../sharing/policy/decide.ts'
import type { RecordShape, Shape } from '../sharing/policy/policy-schema.ts'
import { entityOf, type Tree } from './in-words.ts'

export type Random = () => number

export interface Drawn {
  readonly practitioner: Practitioner
  readonly record: RecordClass
  readonly ask: Ask
  /** those of the bundle, sometimes with one term of one supposed otherwise */
  readonly agreements: readonly Agreement[]
}

/** What a policy names, so that it is drawn more often. */
export interface Hints {
  readonly codes: ReadonlySet<string>
  readonly numbers: readonly number[]
  readonly texts: readonly string[]
}

/** Mulberry32: 32 bits of state, from 0 up to 1. */
export function seeded(seed: number): Random {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

export function pick<Item>(random: Random, items: readonly Item[]): Item {
  const item = items[Math.floor(random() * items.length)]
  if (item === undefined) throw new Error('nothing to pick from')
  return item
}

export function hintsOf(json: object): Hints {
  const hints = { codes: new Set<string>(), numbers: [] as number[], texts: [] as string[] }
  const visit = (part: unknown): void => {
    if (Array.isArray(part)) for (const item of part) visit(item)
    else if (typeof part === 'object' && part !== null) {
      const entity = entityOf(part as Tree)
      const { Value } = part as { Value?: unknown }
      if (entity) hints.codes.add(`${entity.type}::"${entity.id}"`)
      else if (typeof Value === 'number') hints.numbers.push(Value - 1, Value, Value + 1)
      else if (typeof Value === 'string') hints.texts.push(Value)
      else Object.values(part).forEach(visit)
    }
  }
  visit((json as { conditions?: unknown }).conditions)
  return hints
}

/** Shares of yes, and of each code in a list: high enough for permits to hold, low enough for forbids to stand alone. */
const LIKELY: Readonly<Record<string, number>> = {
  macptMember: 0.8,
  caseLive: 0.85,
  trained: 0.95,
  conflict: 0.03,
  breakGlass: 0.15,
  labels: 0.02,
  handling: 0.07,
  roles: 0.2,
}

const edges = new WeakMap<readonly Agreement[], readonly number[]>()

/** Around the first and the last instant of each. */
function edgesOf(agreements: readonly Agreement[]): readonly number[] {
  const known = edges.get(agreements)
  if (known) return known
  const instants = agreements
    .flatMap(({ starts, expires }) => [starts.getTime(), expires.getTime()])
    .flatMap((edge) => [edge - 1, edge, edge + 86_400_000])
  edges.set(agreements, instants)
  return instants
}

export function drawQuestion(bundle: PolicyBundle, hints: Hints, random: Random): Drawn {
  const { schema, agreements } = bundle
  const row = pick(random, agreements)
  const instants = edgesOf(agreements)
  const draw = (shape: RecordShape): Record<string, unknown> => {
    const drawn: Record<string, unknown> = {}
    for (const [name, { shape: inner, required }] of shape.attributes)
      if (required || random() < 0.5) drawn[name] = drawValue(inner, name)
    return drawn
  }
  const drawValue = (shape: Shape, name: string): unknown => {
    switch (shape.kind) {
      case 'boolean':
        return random() < (LIKELY[name] ?? 0.5)
      case 'long':
        return pick(random, [0, 1, 2, 3, ...hints.numbers])
      case 'string':
        return pick(random, [row.source.agency, ...row.recipients, ...hints.texts])
      case 'datetime':
        return new Date(pick(random, instants))
      case 'code': {
        const hinted = [...shape.ids].filter(([, code]) => hints.codes.has(code)).map(([id]) => id)
        return pick(random, hinted.length > 0 && random() < 0.5 ? hinted : [...shape.ids.keys()])
      }
      case 'set': {
        if (shape.of.kind !== 'code') return []
        return [...shape.of.ids]
          .filter(([, code]) => random() < (hints.codes.has(code) ? 0.4 : (LIKELY[name] ?? 0.3)))
          .map(([id]) => id)
      }
      case 'record':
        return draw(shape)
    }
  }
  const practitioner = draw(schema.principal) as unknown as Practitioner
  const record = draw(schema.resource) as unknown as RecordClass & { agreement?: unknown }
  const context = draw(schema.context) as unknown as Ask
  delete record.agreement
  const asker = {
    ...practitioner,
    agency: random() < 0.7 ? pick(random, row.recipients) : practitioner.agency,
  }
  const about = {
    ...record,
    recordType: random() < 0.6 ? pick(random, row.recordTypes) : record.recordType,
    custodian: pick(random, row.source.custodians),
    agency: random() < 0.75 ? row.source.agency : asker.agency,
  }
  const sector = sectorOf(random() < 0.5 ? [about.recordType] : row.recordTypes)
  const asked = {
    ...context,
    purpose: random() < 0.6 ? pick(random, row.purposes) : context.purpose,
    threshold: random() < 0.6 ? pick(random, row.thresholds) : context.threshold,
    bases: random() < (context.breakGlass ? 0.4 : 0.8) ? [pick(random, row.bases)] : context.bases,
    now: random() < 0.5 ? new Date(row.starts.getTime() + 86_400_000) : context.now,
  }
  const supposed = random() < 0.1 ? { ...row, suspended: true } : row
  return {
    practitioner: asker,
    record: { ...about, sector: random() < 0.9 ? (sector ?? record.sector) : record.sector },
    ask: asked,
    agreements: supposed === row ? agreements : agreements.map((each) => (each === row ? supposed : each)),
  }
}

/** Whose kind of record it is, where it is not one that every sector holds. */
const sectorOf = (recordTypes: readonly string[]): string | undefined =>
  recordTypes.find((type) => !type.startsWith('person.'))?.split('.')[0]
