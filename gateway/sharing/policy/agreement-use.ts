/**
 * How a policy depends on the agreement: whether it could share more because less was agreed. Reads the policy's
 * syntax tree and proves, never tries out: what it does not understand counts as yes.
 */
import { policyToJson } from '@cedar-policy/cedar-wasm/nodejs'
import { canonicalJson } from '../../canonical-json.ts'
import type { Policy } from './bundle.ts'
import { couldErr } from './could-err.ts'
import type { PolicySchema } from './policy-schema.ts'

export interface AgreementUse {
  /** an agreement of the same id that covers less, is suspended, starts later or ends earlier never makes it share more */
  readonly boundByTerms: boolean
  /** nor does one that is no longer there */
  readonly boundByPresence: boolean
  /** one that is suspended, not begun or over is to it as good as none, whatever else it says */
  readonly needsForce: boolean
  /** could fail instead of deciding, and what fails denies */
  readonly mayErr: boolean
}

type Tree = Readonly<Record<string, unknown>>
type Condition = { readonly kind: 'when' | 'unless'; readonly body: Tree }
/** What becomes of a value where less is agreed: a truth or a set can only be lost, or only be gained. */
type Lean = 'same' | 'less' | 'more' | 'any'
/** What may happen to an agreement. */
type Loss = 'terms' | 'presence'

const uses = new WeakMap<Policy, AgreementUse>()

export function agreementUse(policy: Policy, schema: PolicySchema): AgreementUse {
  const known = uses.get(policy)
  if (known) return known
  const answer = policyToJson(policy.text)
  if (answer.type === 'failure') throw new Error(`\`${policy.id}\` cannot be read again`)
  const conditions = answer.json.conditions as unknown as readonly Condition[]
  const mentions = JSON.stringify(conditions).includes('"agreement"')
  const permits = policy.compiled.effect === 'permit'
  const mayErr = conditions.some(({ body }) => couldErr(body, schema))
  const bound = (loss: Loss) => {
    const lean = together(
      conditions.map(({ kind, body }) =>
        kind === 'when' ? leanOf(body, loss) : against(leanOf(body, loss)),
      ),
    )
    return !mentions || (!mayErr && (lean === 'same' || lean === (permits ? 'less' : 'more')))
  }
  const use = {
    boundByTerms: bound('terms'),
    boundByPresence: bound('presence'),
    needsForce: !mentions || (permits && !mayErr && asksForForce(conditions)),
    mayErr,
  }
  uses.set(policy, use)
  return use
}

/** @param loss `presence`: what an agreement says is not looked at where there is none, as Cedar's validation holds */
function leanOf(tree: Tree, loss: Loss): Lean {
  const [operator = '', operands] = Object.entries(tree)[0] ?? []
  const { left, right, arg } = operands as { left: Tree; right: Tree; arg: Tree }
  const lean = (part: Tree) => leanOf(part, loss)
  switch (operator) {
    case 'Value':
    case 'Var':
    case 'datetime':
      return 'same'
    case '.':
      return leanOfAttribute(left, (operands as { attr: string }).attr, loss)
    case 'has':
      if (isResource(left) && JSON.stringify(operands).includes('"agreement"'))
        return loss === 'presence' ? 'less' : 'same'
      return lean(left)
    case '!':
    case 'isEmpty':
      return against(lean(arg))
    case '&&':
    case '||':
    case 'containsAny':
      return together([lean(left), lean(right)])
    case '<':
    case '<=':
      return together([against(lean(left)), lean(right)])
    case '>':
    case '>=':
    case 'containsAll':
      return together([lean(left), against(lean(right))])
    case 'contains':
      return lean(right) === 'same' ? lean(left) : 'any'
    case '==':
    case '!=':
      return lean(left) === 'same' && lean(right) === 'same' ? 'same' : 'any'
    case 'Set':
      return (operands as Tree[]).every((item) => lean(item) === 'same') ? 'same' : 'any'
    case 'if-then-else': {
      const { if: test, then, else: otherwise } = operands as { if: Tree; then: Tree; else: Tree }
      return lean(test) === 'same' ? together([lean(then), lean(otherwise)]) : 'any'
    }
    default:
      return 'any'
  }
}

/** With each term that is lost: the sets and the end of an agreement shrink, its suspension and its start rise. */
const TERMS: Readonly<Record<string, Lean>> = {
  id: 'same',
  suspended: 'more',
  starts: 'more',
  expires: 'less',
  recordTypes: 'less',
  purposes: 'less',
  bases: 'less',
  thresholds: 'less',
}

function leanOfAttribute(owner: Tree, attr: string, loss: Loss): Lean {
  if (isAgreementItself(owner)) return loss === 'presence' ? 'same' : (TERMS[attr] ?? 'any')
  if (isResource(owner) && attr === 'agreement') return 'any'
  return leanOf(owner, loss)
}

const isResource = (tree: Tree): boolean => tree.Var === 'resource'
const isAgreementItself = (tree: Tree): boolean => {
  const { left, attr } = (tree['.'] ?? {}) as { left?: Tree; attr?: string }
  return attr === 'agreement' && left !== undefined && isResource(left)
}

const against = (lean: Lean): Lean => (lean === 'less' ? 'more' : lean === 'more' ? 'less' : lean)
const together = (leans: readonly Lean[]): Lean =>
  leans.reduce(
    (one, other) => (one === 'same' || one === other ? other : other === 'same' ? one : 'any'),
    'same',
  )

const term = (attr: string) => ({
  '.': { left: { '.': { left: { Var: 'resource' }, attr: 'agreement' } }, attr },
})
const now = { '.': { left: { Var: 'context' }, attr: 'now' } }
/** Each in the ways in which it can be written. */
const IN_FORCE: readonly (readonly object[])[] = [
  [{ '!': { arg: term('suspended') } }],
  [{ '>=': { left: now, right: term('starts') } }, { '<=': { left: term('starts'), right: now } }],
  [{ '<': { left: now, right: term('expires') } }, { '>': { left: term('expires'), right: now } }],
]

function asksForForce(conditions: readonly Condition[]): boolean {
  const asked = conditions.filter(({ kind }) => kind === 'when').flatMap(({ body }) => conjuncts(body))
  const texts = new Set(asked.map((each) => canonicalJson(each)))
  return IN_FORCE.every((ways) => ways.some((way) => texts.has(canonicalJson(way))))
}

function conjuncts(tree: Tree): Tree[] {
  const both = tree['&&'] as { left: Tree; right: Tree } | undefined
  return both ? [...conjuncts(both.left), ...conjuncts(both.right)] : [tree]
}
