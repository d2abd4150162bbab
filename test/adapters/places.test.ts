/** What an expression reads is known before there is an answer, or it is known that nobody can tell. */
import fc from 'fast-check'
import jsonata from 'jsonata'
import { describe, expect, test } from 'vitest'
import { expressionFault } from '../../adapters/expression.ts'
import { type Place, placesRead } from '../../adapters/places.ts'
import { documentWith, only } from './documents.ts'

const wordsFor = (places: readonly Place[]) => [...new Set(places.map((place) => place.join('.')))].sort()

/** What the expression reads, its result among it. */
function readBy(expression: string, from?: readonly Place[]): readonly string[] {
  const seen = placesRead(expression, from)
  if ('doubt' in seen) throw new Error(seen.doubt)
  return wordsFor([...seen.read, ...seen.found])
}

describe('what an expression reads', () => {
  test.each([
    ['born', ['born']],
    ['address.line', ['address.line']],
    ['$.address.line', ['address.line']],
    ['`first name`', ['first name']],
    ["'constant'", []],
    ["plans[kind = 'CHILD_PROTECTION'].begun", ['plans.begun', 'plans.kind']],
    ['pages[0].asOf', ['pages.asOf']],
    ['$$.pupils.meta.school', ['pupils.meta.school']],
    ["$join(names, ' ') & surname", ['names', 'surname']],
    ["$type(sensitivity) = 'array' ? sensitivity : $error('no list of sensitivity')", ['sensitivity']],
    ['possible > 0 ? $round(attended / possible * 100, 1)', ['attended', 'possible']],
    ['($type := kind; $type = 1 ? a.b : c)', ['a.b', 'c', 'kind']],
    ['(seen ? $x := a : $x := b; $x.c)', ['a.c', 'b.c', 'seen']],
    ['[a, b.c]', ['a', 'b.c']],
    ["people.{ 'id': id, 'name': names.given }", ['people.id', 'people.names.given']],
    ['people^(born).id', ['people.born', 'people.id']],
    ['people.(first & last)', ['people.first', 'people.last']],
    ['people[$count($asked) > 0].id', ['people.id']],
    ['name.$uppercase()', ['name']],
    ['$string()', ['']],
    ['-a', ['a']],
    ['a in [b]', ['a', 'b']],
  ])('%s', (expression, expected) => {
    expect(readBy(expression)).toEqual(expected)
  })

  test('in a row it is seen from the row, and $$ from the top', () => {
    expect(readBy('id & $$.meta.school', [['data', 'contacts']])).toEqual(['data.contacts.id', 'meta.school'])
  })

  test('what only leads on is found, and not yet read', () => {
    expect(placesRead("plans[kind = 'A']")).toEqual({ read: [['plans', 'kind']], found: [['plans']] })
  })
})

describe('where nobody can tell, that is said', () => {
  test.each([
    ['a.*', '`*`'],
    ['**.name', '`**`'],
    ['a.%.b', 'upwards'],
    ['a@$x.b', 'binds'],
    ['a#$i.b', 'binds'],
    ['a{kind: $}', 'groups'],
    ['$map(a, function($x) { $x.b })', '$map'],
    ['(function($x) { $x })(a)', 'it calls a value'],
    ['$sift(function($v) { $v })', '$sift'],
    ['a ~> $uppercase', '`~>`'],
    ["$eval('a')", '$eval'],
    ['a ~> |b|{}|', '`~>`'],
    ['$nobody.a', '`$nobody`'],
    ['($count := 1; $count(a))', '$count'],
    ["people.{ 'kind': 'child' }", 'of `people` it takes only that it is there'],
  ])('%s', (expression, why) => {
    expect(placesRead(expression)).toEqual({ doubt: expect.stringContaining(why) })
  })
})

const name = fc.constantFrom('a', 'b', 'c', 'd')
/** Expressions of every kind that is understood, and some that are not. */
const { expression } = fc.letrec<{ expression: string }>((tie) => ({
  expression: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    name,
    fc.constantFrom('$', '$$', '$x', '1', "'b'", 'true'),
    fc.tuple(tie('expression'), tie('expression')).map(([one, other]) => `(${one}).(${other})`),
    fc.tuple(name, tie('expression'), name).map(([of, filter, then]) => `${of}[${filter}].${then}`),
    fc.tuple(tie('expression'), tie('expression')).map(([one, other]) => `(${one})[${other}]`),
    fc
      .tuple(tie('expression'), tie('expression'), tie('expression'))
      .map(([when, then, otherwise]) => `((${when}) ? (${then}) : (${otherwise}))`),
    fc.tuple(tie('expression'), tie('expression')).map(([value, then]) => `($x := ${value}; ${then})`),
    fc
      .tuple(
        fc.constantFrom('&', '=', '!=', '<', '+', 'and', 'or', 'in'),
        tie('expression'),
        tie('expression'),
      )
      .map(([operator, one, other]) => `((${one}) ${operator} (${other}))`),
    fc
      .tuple(
        fc.constantFrom(
          'count',
          'exists',
          'string',
          'type',
          'distinct',
          'append',
          'keys',
          'uppercase',
          'sum',
        ),
        fc.array(tie('expression'), { maxLength: 2 }),
      )
      .map(([called, given]) => `$${called}(${given.join(', ')})`),
    fc.tuple(tie('expression'), tie('expression')).map(([one, other]) => `[${one}, ${other}]`),
    fc.tuple(tie('expression'), tie('expression')).map(([one, other]) => `{ 'a': ${one}, 'b': ${other} }`),
    fc.tuple(tie('expression'), tie('expression')).map(([one, other]) => `(${one})^(${other})`),
    fc.tuple(tie('expression'), name).map(([one, key]) => `(${one}).%.${key}`),
    fc.tuple(name, tie('expression')).map(([of, then]) => `${of}.{ 'c': ${then} }.c`),
  ),
}))

async function outcomeOf(text: string, document: unknown): Promise<string> {
  try {
    return JSON.stringify(await jsonata(text, { recover: false }).evaluate(document)) ?? 'nothing'
  } catch {
    return 'a fault'
  }
}

test('whatever an expression does not read can be left out of any answer, and it gives the same', async () => {
  const known: string[] = []
  const document = documentWith(['a', 'b', 'c', 'd'])
  await fc.assert(
    fc.asyncProperty(
      expression,
      fc.array(document, { minLength: 1, maxLength: 3 }),
      async (text, documents) => {
        if (expressionFault(text) !== null) return
        const seen = placesRead(text)
        if ('doubt' in seen) return
        known.push(text)
        for (const whole of documents) {
          const part = only(whole, [...seen.read, ...seen.found])
          expect(await outcomeOf(text, part)).toBe(await outcomeOf(text, whole))
        }
      },
    ),
    { numRuns: 500 },
  )
  expect(known.length).toBeGreaterThan(200)
})
