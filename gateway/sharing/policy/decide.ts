/**
 * Applies the policies of a bundle to one question about one class of record. Deny overrides; nothing fits: deny.
 * A policy that errs denies and alarms, where Cedar alone would skip it; so does a code that the schema lacks.
 */
import type { Agreement } from './agreement.ts'
import { type CedarRecord, take } from './attributes.ts'
import type { CompiledPolicy, World } from './compile.ts'
import type { PolicySchema } from './policy-schema.ts'

/** Who asks. Codes are checked against the policy schema; one that it lacks is denied. */
export interface Practitioner {
  readonly agency: string
  readonly roles: readonly string[]
  /** a nomination to the MACPT that is live now */
  readonly macptMember: boolean
  /** 0 none or lapsed, rising with the level of police vetting */
  readonly vetting: number
  /** training in information sharing that is current */
  readonly trained: boolean
  /** tied to the child: herself, a relative's or a colleague's */
  readonly conflict: boolean
}

/** For what, and when. */
export interface Ask {
  readonly purpose: string
  readonly threshold: string
  /** the codes asserted: one of Article 6, one condition, one function */
  readonly bases: readonly string[]
  /** the family's agreement to checks is recorded in the case */
  readonly consent: boolean
  /** a case relationship with this child is live now */
  readonly caseLive: boolean
  /** emergency access to this child that was opened by right and is not over */
  readonly breakGlass: boolean
  readonly now: Date
}

/** A record as far as policy may see it. Two records of one class cannot be told apart by any policy. */
export interface RecordClass {
  readonly custodian: string
  readonly agency: string
  readonly sector: string
  readonly recordType: string
  readonly labels: readonly string[]
  readonly handling: readonly string[]
  readonly subject: string
  /** the agency's own person decided that this kind is shared in this case */
  readonly reviewed: boolean
}

export interface PolicyRequest {
  readonly practitioner: Practitioner
  /** `know`, `read`, `tell-why`, a data group, or a partial form such as `location-partial` */
  readonly action: string
  readonly record: RecordClass & { readonly agreement?: Agreement | undefined }
  readonly context: Ask
}

export interface Decision {
  readonly allow: boolean
  /** ids of the forbids that decided, else of the permits; sorted; empty where nothing fits */
  readonly determining: readonly string[]
  /** what could not be applied; with any, `allow` is false */
  readonly errors: readonly string[]
}

/** Told of every decision that erred. Carries no details of a child: ids of policies and names of attributes. */
export type Alarm = (fault: {
  readonly bundle: string
  readonly action: string
  readonly errors: readonly string[]
}) => void

/** A question in the form in which policies see it, or the faults that forbid asking it. */
export type Prepared =
  | { readonly kind: 'world'; readonly world: World }
  | { readonly kind: 'faults'; readonly faults: readonly string[] }

export function prepare(schema: PolicySchema, request: Omit<PolicyRequest, 'action'>): Prepared {
  const faults: string[] = []
  const part = (shape: keyof World & keyof PolicySchema, offered: object, where: string): CedarRecord =>
    take(schema[shape], offered, where, faults)
  const world = {
    principal: part('principal', request.practitioner, 'practitioner'),
    resource: part('resource', request.record, 'record'),
    context: part('context', request.context, 'context'),
  }
  return faults.length > 0 ? { kind: 'faults', faults } : { kind: 'world', world }
}

/** Policies by the action that they speak to, each list in order of id; `place` counts over the whole bundle. */
export type PoliciesByAction = ReadonlyMap<
  string,
  readonly { readonly policy: CompiledPolicy; readonly place: number }[]
>

export function byAction(schema: PolicySchema, policies: readonly CompiledPolicy[]): PoliciesByAction {
  const placed = [...policies]
    .sort((one, other) => (one.id < other.id ? -1 : 1))
    .map((policy, place) => ({ policy, place }))
  return new Map(
    [...schema.actions].map((action) => [action, placed.filter(({ policy }) => policy.actions.has(action))]),
  )
}

type Outcome = 'holds' | 'fails' | 'errs'
/** What each policy, by its place, said of one world: no condition can look at the action, so it holds for all. */
export type Outcomes = (Outcome | undefined)[]

export function decide(
  policies: PoliciesByAction,
  action: string,
  prepared: Prepared,
  outcomes: Outcomes = [],
): Decision {
  if (prepared.kind === 'faults') return { allow: false, determining: [], errors: prepared.faults }
  const applicable = policies.get(action)
  if (!applicable) return { allow: false, determining: [], errors: [`\`${action}\` is no action`] }
  const permits: string[] = []
  const forbids: string[] = []
  const errors: string[] = []
  for (const { policy, place } of applicable) {
    let outcome = outcomes[place]
    if (outcome === undefined) {
      outcome = outcomeOf(policy, prepared.world)
      outcomes[place] = outcome
    }
    if (outcome === 'fails') continue
    if (outcome === 'errs') errors.push(policy.id)
    else (policy.effect === 'permit' ? permits : forbids).push(policy.id)
  }
  if (forbids.length > 0) return { allow: false, determining: forbids, errors }
  if (errors.length > 0) return { allow: false, determining: [], errors }
  return { allow: permits.length > 0, determining: permits, errors }
}

function outcomeOf(policy: CompiledPolicy, world: World): Outcome {
  try {
    return policy.holds(world) ? 'holds' : 'fails'
  } catch {
    return 'errs'
  }
}
