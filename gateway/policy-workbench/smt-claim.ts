/** A claim as a question to Z3: can there be a case against it? No case is a proof. */
import type { PolicyBundle } from '../sharing/policy/bundle.ts'
import { asPolicy, type Case } from './claim-case.ts'
import type { Change, Claim } from './claims.ts'
import { type Clauses, clausesIn, decisionsIn, readClauses } from './smt-decision.ts'
import { askedIn, type Model, numberedTexts } from './smt-model.ts'
import { and, implies, not, or, symbol, type Term } from './smt-term.ts'
import { type OpenWorld, openWorld, type Texts, type Value } from './smt-world.ts'

export interface ClaimQuestion {
  /** satisfiable where there is a case against the claim, or for `can` an example of it */
  readonly against: string
  /** satisfiable where the claim speaks of anything at all */
  readonly speaks: string
  /** whose values make up the case */
  readonly constants: readonly string[]
  caseIn(model: Model): Case
}

export function claimQuestion(claim: Claim, bundle: PolicyBundle, clauses: Clauses): ClaimQuestion {
  const texts = numberedTexts()
  const change = claim.kind === 'keeps' ? claim.change : null
  const nameBefore = (path: string) => path
  const nameAfter = (path: string) =>
    path === change?.attribute || path.startsWith(`${change?.attribute} `) ? `after.${path}` : path
  const before = openWorld(bundle.schema, nameBefore)
  const after = openWorld(bundle.schema, nameAfter)
  const decided = decisionsIn(bundle, clauses, before, texts, '')
  const changed = change && decisionsIn(bundle, clauses, after, texts, 'after.')
  const allowed = (action: string) => decided.allow.get(action) ?? 'false'
  const some = or(...claim.actions.map(allowed))

  const guard = conditionIn(claim.guard, bundle, before, texts)
  const spoken = [guard]
  if (claim.kind === 'keeps')
    spoken.push(conditionIn(claim.provided, bundle, after, texts), difference(claim.change, before, after))
  const lost = claim.actions.map((action) => and(allowed(action), not(changed?.allow.get(action) ?? 'false')))
  const against = {
    never: some,
    can: some,
    implies: and(some, claim.kind === 'implies' ? not(allowed(claim.also)) : 'true'),
    keeps: or(...lost),
  }[claim.kind]
  const speaks = claim.kind === 'implies' || claim.kind === 'keeps' ? some : 'true'

  const variables = new Map([...before.variables, ...(change ? after.variables : [])])
  const declared = [...variables].map(([name, sort]) => `(declare-const ${symbol(name)} ${sort})`)
  const questions = [...declared, ...asserted([...before.bounds, ...(change ? after.bounds : []), ...spoken])]
  const script = (definitions: readonly string[], wanted: Term) =>
    `${[...questions, ...definitions, ...asserted([wanted])].join('\n')}\n`
  return {
    against: script([decided.definitions, changed?.definitions ?? ''], against),
    speaks: script(speaks === 'true' ? [] : [decided.definitions], speaks),
    constants: [...variables.keys()],
    caseIn: (model) => ({
      before: askedIn(model, bundle.schema, nameBefore, texts),
      after: change ? askedIn(model, bundle.schema, nameAfter, texts) : null,
    }),
  }
}

const asserted = (terms: readonly Term[]) => terms.map((term) => `(assert ${term})`)

/** True where the condition holds and does not err. */
function conditionIn(condition: string, bundle: PolicyBundle, world: OpenWorld, texts: Texts): Term {
  const { holds, errs } = readClauses('claim', clausesIn(asPolicy(condition)), bundle, world, texts)
  return and(holds, not(errs))
}

function difference({ attribute, difference: how }: Change, before: OpenWorld, after: OpenWorld): Term {
  const [one, other] = [valueAt(before, attribute), valueAt(after, attribute)]
  if (one.kind === 'set' && other.kind === 'set') {
    const each = one.items.map(({ within }, place): [Term, Term] => [
      within,
      other.items[place]?.within ?? 'false',
    ])
    if (how === 'fewer') return and(...each.map(([was, is]) => implies(is, was)))
    if (how === 'more') return and(...each.map(([was, is]) => implies(was, is)))
  }
  if (one.kind === 'scalar' && other.kind === 'scalar') {
    if (how === 'higher') return `(>= ${other.term} ${one.term})`
    if (how === 'lower') return `(<= ${other.term} ${one.term})`
  }
  if (how === 'any') return 'true'
  throw new Error(`\`${attribute}\` cannot change to ${how}`)
}

function valueAt({ parts }: OpenWorld, attribute: string): Value {
  const [part = '', name = ''] = attribute.split('.')
  const holder = parts[part as keyof typeof parts]
  const value = holder?.kind === 'record' ? holder.attributes.get(name)?.value : undefined
  if (!value) throw new Error(`\`${attribute}\` is no attribute of the policy schema`)
  return value
}
