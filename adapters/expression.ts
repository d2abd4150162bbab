/**
 * JSONata, in which `rest` and `graphql` say where things are in an answer. Each rule becomes one expression, so that
 * an answer is walked once. Refuses to work on an answer for longer than a set time.
 */
import jsonata from 'jsonata'
import { Fault } from './fault.ts'

/** Milliseconds for all expressions over one answer: more than 10,000 values on one core. Nothing else runs meanwhile. */
const LONGEST_READING = 1_000
const ENTRY_HOOK = Symbol.for('jsonata.__evaluate_entry') // called at the start of each step (jsonata 2)

/** @param until as `performance.now()` counts; expressions over one answer share it */
export type Evaluate = (
  answer: unknown,
  bindings?: Readonly<Record<string, unknown>>,
  until?: number,
) => Promise<unknown>

export const readingEnds = (): number => performance.now() + LONGEST_READING

/** @returns what is wrong with the text as JSONata, or null */
export function expressionFault(text: string): string | null {
  try {
    jsonata(text)
    return null
  } catch (error) {
    const { message, position } = error as { message?: unknown; position?: unknown }
    return `is not JSONata: ${String(message)} (at character ${String(position)})`
  }
}

export function compile(text: string): Evaluate {
  const expression = jsonata(text)
  const hook = (_step: unknown, _input: unknown, frame: { lookup(name: string): unknown }) => {
    if (performance.now() > Number(frame.lookup('__until')))
      throw new Fault('malformed', 'the answer takes too long to read')
  }
  expression.assign(ENTRY_HOOK as unknown as string, hook)
  return async (answer, bindings = {}, until = readingEnds()) => {
    try {
      return await expression.evaluate(answer, { ...bindings, __until: until })
    } catch (error) {
      throw error instanceof Fault ? error : new Fault('malformed')
    }
  }
}

/** Values of one source object, by the expression that gave them. */
export type Row = (expression: string) => unknown

/**
 * @param from gives the source objects
 * @param wanted expressions, each seen from one source object
 */
export function compileRows(
  from: string,
  wanted: readonly string[],
): (...args: Parameters<Evaluate>) => Promise<Row[]> {
  const paths = new Map(wanted.filter((each) => PLAIN_PATH.test(each)).map((each) => [each, each.split('.')]))
  const computed = wanted.filter((each) => !paths.has(each))
  const placeOf = new Map(computed.map((each, place) => [each, String(place)]))
  const pairs = computed.map((each, place) => `, "${place}": [(${each}\n)]`)
  const evaluate = compile(`[(${from}\n)[$ != null].{ "source": $${pairs.join('')} }]`)
  return async (...args) => {
    const rows = await evaluate(...args)
    return (Array.isArray(rows) ? rows : []).map((row: Readonly<Record<string, unknown>>) => (each) => {
      const steps = paths.get(each)
      if (steps !== undefined) return follow(row.source, steps)
      return single(row[placeOf.get(each) ?? ''])
    })
  }
}

/** Most expressions are the names of keys. Followed here, they cost a fiftieth of what they cost in JSONata. */
const PLAIN_PATH =
  /^(?!(?:and|or|in|true|false|null|function)\b)[A-Za-z_]\w*(?:\.(?!(?:and|or|in|true|false|null|function)\b)[A-Za-z_]\w*)*$/

/** As JSONata follows a path: into every element of a list, whose results make one list. */
export function follow(source: unknown, steps: readonly string[]): unknown {
  let values: readonly unknown[] = [source]
  for (const step of steps)
    values = values.flatMap((value) => listed(value).flatMap((one) => listed(keyOf(one, step))))
  return single(values)
}

/** Lists in lists are one list, as JSONata has it. */
const listed = (value: unknown): readonly unknown[] =>
  value === undefined ? [] : Array.isArray(value) ? value.flatMap(listed) : [value]

const keyOf = (value: unknown, key: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? (value as Record<string, unknown>)[key]
    : undefined

const single = (values: unknown): unknown =>
  Array.isArray(values) && values.length <= 1 ? (values[0] as unknown) : values
