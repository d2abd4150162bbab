/**
 * Where nothing permits: the permit that comes nearest, and which of its conditions fail, in the policy's own text. For
 * the IG lead alone, as it tells what the policies saw.
 */
import { type PolicyJson, policyToJson, policyToText } from '@cedar-policy/cedar-wasm/nodejs'
import type { NearestPermit } from '../../../schema/explanation.ts'
import type { PolicyBundle } from './bundle.ts'
import { type CompiledPolicy, compilePolicy, type World } from './compile.ts'

interface Atom {
  readonly text: string
  readonly condition: CompiledPolicy
}

interface Permit {
  readonly cited: string
  readonly title: string
  readonly actions: ReadonlySet<string>
  readonly atoms: readonly Atom[]
}

type Clause = PolicyJson['conditions'][number]
type Expression = Clause['body']

const read = new WeakMap<PolicyBundle, readonly Permit[]>()

/** @returns the permit of which the fewest conditions fail, and among those the most hold; null where there is no permit */
export function nearestPermit(bundle: PolicyBundle, action: string, world: World): NearestPermit | null {
  const permits = read.get(bundle) ?? permitsOf(bundle)
  read.set(bundle, permits)
  const tried = permits
    .filter(({ actions }) => actions.has(action))
    .map(({ cited, title, atoms }) => {
      const outcomes = atoms.map(({ text, condition }) => ({ text, outcome: outcomeOf(condition, world) }))
      const unmet = outcomes.filter(({ outcome }) => outcome === 'fails').map(({ text }) => text)
      const holds = outcomes.filter(({ outcome }) => outcome === 'holds').length
      return { policy: cited, title, unmet, holds }
    })
    .sort((one, other) => one.unmet.length - other.unmet.length || other.holds - one.holds)
  const [nearest] = tried
  return nearest ? { policy: nearest.policy, title: nearest.title, unmet: nearest.unmet } : null
}

function permitsOf({ policies, schema }: PolicyBundle): readonly Permit[] {
  return [...policies.values()]
    .filter(({ compiled }) => compiled.effect === 'permit')
    .map(({ id, hash8, title, text, compiled }) => {
      const answer = policyToJson(text)
      if (answer.type === 'failure') throw new Error(answer.errors.map((error) => error.message).join('; '))
      const atoms = answer.json.conditions.flatMap(atomsOf).map((clause) => ({
        text: textOf(clause),
        condition: compilePolicy(id, { ...answer.json, conditions: [clause] }, schema),
      }))
      return { cited: `${id}@${hash8}`, title, actions: compiled.actions, atoms }
    })
}

/** `when { a && b }` is two conditions, and so is `unless { a || b }`. */
function atomsOf({ kind, body }: Clause): Clause[] {
  const joined = (body as Readonly<Record<string, { left: Expression; right: Expression }>>)[
    kind === 'when' ? '&&' : '||'
  ]
  return joined
    ? [...atomsOf({ kind, body: joined.left }), ...atomsOf({ kind, body: joined.right })]
    : [{ kind, body }]
}

/** As Cedar writes it. */
function textOf({ kind, body }: Clause): string {
  const when: Expression = kind === 'when' ? body : { '!': { arg: body } }
  const all = { op: 'All' } as const
  const answer = policyToText({
    effect: 'permit',
    principal: all,
    action: all,
    resource: all,
    conditions: [{ kind: 'when', body: when }],
  })
  if (answer.type === 'failure') throw new Error(answer.errors.map((error) => error.message).join('; '))
  return answer.text.slice(answer.text.indexOf('{') + 1, answer.text.lastIndexOf('}')).trim()
}

/** One that errs only does so because another fails: the agreement that is looked into is not there. */
function outcomeOf(condition: CompiledPolicy, world: World): 'holds' | 'fails' | 'errs' {
  try {
    return condition.holds(world) ? 'holds' : 'fails'
  } catch {
    return 'errs'
  }
}
