/** Leaves out of a case whatever it does not need, so that the reader sees what it hangs on. */
import type { PolicySchema, RecordShape, Shape } from '../sharing/policy/policy-schema.ts'
import type { Case } from './claim-case.ts'
import type { Asked } from './smt-model.ts'

type Held = Readonly<Record<string, unknown>>

/** @param isCase whether a plainer case is still one; kept if so, until nothing more can be left out */
export function plainest(found: Case, schema: PolicySchema, isCase: (candidate: Case) => boolean): Case {
  let best = found
  for (let smaller = true; smaller; ) {
    smaller = false
    for (const candidate of plainer(best, schema)) {
      if (!isCase(candidate)) continue
      best = candidate
      smaller = true
      break
    }
  }
  return best
}

/** Each edit is tried on both questions at once, and on each alone: what did not change must stay the same. */
function* plainer({ before, after }: Case, schema: PolicySchema): Generator<Case> {
  for (const edit of edits(before, schema)) {
    yield { before: edit(before), after: after && edit(after) }
    yield { before: edit(before), after }
  }
  if (after) for (const edit of edits(after, schema)) yield { before, after: edit(after) }
}

type Edit = (asked: Asked) => Asked

function* edits(asked: Asked, schema: PolicySchema): Generator<Edit> {
  const shapes = { practitioner: schema.principal, record: schema.resource, context: schema.context }
  for (const [part, shape] of Object.entries(shapes)) yield* within(asked as unknown as Held, shape, [part])
}

function* within(asked: Held, shape: RecordShape, path: readonly string[]): Generator<Edit> {
  const held = at(asked, path) as Held
  for (const [name, attribute] of shape.attributes) {
    const value = held[name]
    if (value === undefined) continue
    const inner = [...path, name]
    if (!attribute.required) yield (asked) => edited(asked, inner, () => undefined)
    if (attribute.shape.kind === 'record') yield* within(asked, attribute.shape, inner)
    else
      for (const plain of plainerValues(attribute.shape, value))
        yield (asked) => edited(asked, inner, (old) => (Array.isArray(old) ? without(old, plain) : plain))
  }
}

/** For a set, each member that could be left out; for others, the value that says least. */
function plainerValues(shape: Shape, value: unknown): readonly unknown[] {
  if (shape.kind === 'set') return value as readonly unknown[]
  if (shape.kind === 'boolean') return value === true ? [false] : []
  if (shape.kind === 'long') return [0, 1, 2].filter((level) => level < Math.abs(Number(value)))
  if (shape.kind === 'datetime') {
    const usual = usualInstants.map((text) => new Date(text))
    return usual.some((instant) => instant.getTime() === (value as Date).getTime()) ? [] : usual
  }
  return []
}

/** Round instants to take the place of those that Z3 picks from all ages. */
const usualInstants = ['2026-11-21T10:00:00Z', '2026-04-12T23:00:00Z', '2028-03-31T23:00:00Z']

const without = (list: readonly unknown[], member: unknown) => list.filter((each) => each !== member)

const at = (asked: unknown, path: readonly string[]): unknown =>
  path.reduce((held, name) => (held as Held | undefined)?.[name], asked)

function edited(asked: Asked, path: readonly string[], change: (old: unknown) => unknown): Asked {
  const edit = (held: Held | undefined, [name = '', ...rest]: readonly string[]): Held | undefined => {
    if (held === undefined) return undefined
    const value = rest.length === 0 ? change(held[name]) : edit(held[name] as Held | undefined, rest)
    const { [name]: _, ...others } = held
    return value === undefined ? others : { ...others, [name]: value }
  }
  return edit(asked as unknown as Held, path) as unknown as Asked
}
