/** Two bundles over one open world, and the questions to Z3 about where they differ. */
import { recordTypes } from '../../schema/record-types.ts'
import type { PolicyBundle } from '../sharing/policy/bundle.ts'
import type { ChangeKind } from '../sharing/policy/compare-effects.ts'
import type { Slot } from '../sharing/policy/reference.ts'
import { newDefinitions } from './smt-definitions.ts'
import { type Asked, askedIn, type Model, numberedTexts } from './smt-model.ts'
import { matters, type Shown, shownIn } from './smt-shown.ts'
import { and, not, or, symbol, type Term } from './smt-term.ts'
import { acceptedBy, holdsCode, isCode, type LoneCode, type SchemaUnion } from './smt-union.ts'
import { type OpenWorld, openWorld, type Texts, type Value } from './smt-world.ts'

export interface DiffWorld {
  readonly constants: readonly string[]
  /** where a step differs in this way, of the questions that both schemas accept */
  differs(change: ChangeKind, step: string): Term
  /** where the conditions of a policy hold */
  holds(side: Slot, id: string): Term
  /** where a code that one schema alone lists stands in a question of which something may be known */
  known(code: LoneCode): Term
  /** what could be met any day, the likeliest first: an example is more telling so */
  readonly likely: readonly Term[]
  /** @param patience milliseconds for this question */
  script(goal: Term, patience: number): string
  caseIn(model: Model): Asked
}

const nameOf = (path: string) => path

export function diffWorld(live: PolicyBundle, candidate: PolicyBundle, union: SchemaUnion): DiffWorld {
  const { schema } = union
  const named: string[] = []
  const texts = remembering(named)
  const world = openWorld(schema, nameOf)
  const definitions = newDefinitions()
  const shown: Readonly<Record<Slot, Shown>> = {
    live: shownIn({ ...live, schema }, world, texts, definitions),
    candidate: shownIn({ ...candidate, schema }, world, texts, definitions),
  }
  const accepted = {
    live: acceptedBy(live.schema, world),
    candidate: acceptedBy(candidate.schema, world),
  }
  const both = and(accepted.live, accepted.candidate)
  const declared = [...world.variables].map(([name, sort]) => `(declare-const ${symbol(name)} ${sort})`)
  const start = [...declared, ...world.bounds.map((bound) => `(assert ${bound})`)].join('\n')
  const seen = (side: Slot, step: string) => shown[side].seen.get(step) ?? 'false'

  return {
    constants: [...world.variables.keys()],
    holds: (side, id) => shown[side].holds(id),
    differs(change, step) {
      const [was, is] = [seen('live', step), seen('candidate', step)]
      if (was === is && change !== 'REASON-ONLY') return 'false'
      if (change === 'WIDER') return and(both, matters(step, world), is, not(was))
      if (change === 'NARROWER') return and(both, matters(step, world), was, not(is))
      const part = `${step}-partial`
      const asMuch = `(= ${seen('live', part)} ${seen('candidate', part)})`
      const which = step === 'know' ? plainRecord(world) : asMuch
      return and(both, matters(step, world), which, otherReason(shown.live, shown.candidate, step))
    },
    known: ({ type, id, listedBy }) =>
      and(accepted[listedBy], or(...holdsCode(world, `${type}::"${id}"`)), seen(listedBy, 'know')),
    likely: [and(typeOfItsSector(world), noException(world)), typeOfItsSector(world)],
    script: (goal, patience) =>
      `(set-option :timeout ${patience})\n${start}\n${definitions.neededFor(goal)}\n(assert ${goal})\n`,
    caseIn(model) {
      // invented texts anew for each case, so that its agencies are one, another and a third
      const numbered = numberedTexts()
      for (const text of named) numbered.numberOf(text)
      return askedIn(model, schema, nameOf, numbered)
    },
  }
}

/** Hidden under both, and each tells another code. */
function otherReason(live: Shown, candidate: Shown, step: string): Term {
  const [was, is] = [live.told.get(step), candidate.told.get(step)]
  if (!was || !is) return 'false'
  const tellsAnother = [...was.codes].map(([code, term]) => {
    const same = is.codes.get(code) ?? 'false'
    return same === term ? 'false' : and(term, not(same))
  })
  return and(was.where, is.where, or(...tellsAnother))
}

/** The record by which it is said why a custodian is not asked: about the child, without labels and conditions. */
function plainRecord({ parts }: OpenWorld): Term {
  const { resource } = parts
  if (resource.kind !== 'record') return 'false'
  const at = (name: string) => resource.attributes.get(name)?.value
  const none = ['labels', 'handling'].flatMap((name) => {
    const set = at(name)
    return set?.kind === 'set' ? set.items.map(({ within }) => not(within)) : []
  })
  const subject = at('subject')
  return and(...none, subject?.kind === 'scalar' ? isCode(subject, 'Relation::"child"') : 'true')
}

function typeOfItsSector({ parts }: OpenWorld): Term {
  const { resource } = parts
  if (resource.kind !== 'record') return 'true'
  const [type, sector] = ['recordType', 'sector'].map((name) => resource.attributes.get(name)?.value)
  if (type?.kind !== 'scalar' || sector?.kind !== 'scalar') return 'true'
  return or(
    ...recordTypes.map((each) =>
      and(
        isCode(type, `RecordType::"${each.name}"`),
        each.sector === 'person' ? 'true' : isCode(sector, `Sector::"${each.sector}"`),
      ),
    ),
  )
}

/** Trained, not tied to the child, and in no emergency. */
function noException({ parts: { principal, context } }: OpenWorld): Term {
  const is = (part: Value, name: string, wanted: boolean): Term => {
    const value = part.kind === 'record' ? part.attributes.get(name)?.value : undefined
    if (value?.kind !== 'boolean') return 'true'
    return wanted ? value.term : not(value.term)
  }
  return and(
    is(principal, 'trained', true),
    is(principal, 'conflict', false),
    is(context, 'breakGlass', false),
  )
}

/** @param named receives each text that a policy names, in the order of their numbers */
function remembering(named: string[]): Texts {
  const texts = numberedTexts()
  return {
    ...texts,
    numberOf(text) {
      if (!named.includes(text)) named.push(text)
      return texts.numberOf(text)
    },
  }
}
