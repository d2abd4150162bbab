/**
 * The reference: the same question put to Cedar itself. About 500 times slower than the compiled policies,
 * which a test holds equal to it.
 *
 * Cedar keeps parsed policies per thread and never frees a name, so only two names are used: `live` and `candidate`.
 */
import { createHash } from 'node:crypto'
import { preparsePolicySet, preparseSchema, statefulIsAuthorized } from '@cedar-policy/cedar-wasm/nodejs'
import { type CedarRecord, canonical } from './attributes.ts'
import type { PolicyBundle } from './bundle.ts'
import { type Decision, type PolicyRequest, prepare } from './decide.ts'
import type { RecordShape, Shape } from './policy-schema.ts'

export type Slot = 'live' | 'candidate'
type CedarJson =
  | boolean
  | number
  | string
  | CedarJson[]
  | { [name: string]: CedarJson }
  | { __entity: { type: string; id: string } }
  | { __extn: { fn: string; arg: string } }

/** what each name holds on this thread, as Cedar cannot be asked */
const parsed = new Map<Slot, string>()

/** What Cedar is given of a bundle. */
export type ReferenceSource = Pick<PolicyBundle, 'version' | 'schema' | 'schemaText'> & {
  readonly policies: ReadonlyMap<string, { readonly text: string }>
}

/** @returns as `bundle.decide`: an error of a policy, or of the request, denies here too */
export function decideByReference(
  bundle: ReferenceSource,
  request: PolicyRequest,
  slot: Slot = 'live',
): Decision {
  const prepared = prepare(bundle.schema, request)
  if (prepared.kind === 'faults') return { allow: false, determining: [], errors: prepared.faults }
  load(bundle, slot)
  const { principal, resource, context } = prepared.world
  const uid = (type: string, record: CedarRecord) => ({
    type,
    id: createHash('sha256').update(canonical(record)).digest('hex'),
  })
  const who = uid('Practitioner', principal)
  const what = uid('Record', resource)
  const answer = statefulIsAuthorized({
    principal: who,
    action: { type: 'Action', id: request.action },
    resource: what,
    context: recordJson(bundle.schema.context, context),
    preparsedSchemaName: slot,
    validateRequest: true,
    preparsedPolicySetId: slot,
    entities: [
      { uid: who, attrs: recordJson(bundle.schema.principal, principal), parents: [] },
      { uid: what, attrs: recordJson(bundle.schema.resource, resource), parents: [] },
    ],
  })
  if (answer.type === 'failure')
    return { allow: false, determining: [], errors: answer.errors.map((error) => error.message) }
  const { decision, diagnostics } = answer.response
  const errors = diagnostics.errors.map((error) => error.policyId).sort()
  const overruled = decision === 'allow' && errors.length > 0
  return {
    allow: decision === 'allow' && errors.length === 0,
    determining: overruled ? [] : [...diagnostics.reason].sort(),
    errors,
  }
}

/** Parses a bundle before its first question, which then need not wait for it. */
export function load(bundle: ReferenceSource, slot: Slot = 'live'): void {
  if (parsed.get(slot) === bundle.version) return
  parsed.delete(slot)
  const texts = [...bundle.policies].map(([id, policy]): [string, string] => [id, policy.text])
  for (const answer of [
    preparseSchema(slot, bundle.schemaText),
    preparsePolicySet(slot, { staticPolicies: Object.fromEntries(texts) }),
  ]) {
    if (answer.type === 'failure') throw new Error(answer.errors.map((error) => error.message).join('; '))
  }
  parsed.set(slot, bundle.version)
}

function recordJson(shape: RecordShape, record: CedarRecord): Record<string, CedarJson> {
  return Object.fromEntries(
    Object.entries(record).map(([name, value]) => {
      const attribute = shape.attributes.get(name)
      if (!attribute) throw new Error(`\`${name}\` is no attribute`)
      return [name, json(attribute.shape, value)]
    }),
  )
}

function json(shape: Shape, value: CedarRecord[string]): CedarJson {
  if (shape.kind === 'record') return recordJson(shape, value as CedarRecord)
  if (shape.kind === 'set') return [...(value as ReadonlySet<string>)].map((item) => json(shape.of, item))
  if (shape.kind === 'code')
    return { __entity: { type: shape.type, id: String(value).slice(shape.type.length + 3, -1) } }
  if (shape.kind === 'datetime')
    return { __extn: { fn: 'datetime', arg: new Date(value as number).toISOString() } }
  return value as boolean | number | string
}
