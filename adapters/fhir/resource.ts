/**
 * Reads people and records out of FHIR resources by FHIRPath, as the mapping says. Pure: no network.
 * Refuses a resource that is about another patient than the one that was asked about.
 */
import {
  evalFhirPathTyped,
  type FhirPathAtom,
  parseFhirPath,
  type TypedValue,
  toTypedValue,
} from '@medplum/core'
import { NHS_NUMBER_SYSTEM, type NhsNumber } from '../../schema/nhs-number.ts'
import type { FhirFile } from '../custodian-file.ts'
import { Fault } from '../fault.ts'
import {
  assemble,
  assemblePerson,
  expressionsIn,
  expressionsOf,
  type Unchecked,
  type UncheckedRecord,
} from '../mapping.ts'

export interface Resource {
  readonly resourceType: string
  readonly id: string
  readonly [element: string]: unknown
}
export type FhirRule = FhirFile['records'][string][number]

export function resourceIn(value: unknown): Resource {
  if (
    !isObject(value) ||
    typeof value.resourceType !== 'string' ||
    typeof value.id !== 'string' ||
    value.id === ''
  )
    throw new Fault('malformed', 'a FHIR resource without type or id')
  return value as Resource
}

/** The resources that a search found (not those that came along), and the address of its next page. */
export function pageIn(bundle: unknown): { found: readonly Resource[]; next: string | null } {
  if (!isObject(bundle) || bundle.resourceType !== 'Bundle' || bundle.type !== 'searchset')
    throw new Fault('malformed', 'a FHIR server answered with something else than a search set')
  const found: Resource[] = []
  for (const entry of objectsIn(bundle.entry)) {
    const resource = resourceIn(entry.resource)
    const mode = isObject(entry.search) ? entry.search.mode : undefined
    if (resource.resourceType === 'OperationOutcome') refuseFailure(resource)
    else if (mode === undefined || mode === 'match') found.push(resource)
  }
  const next = objectsIn(bundle.link).find((link) => link.relation === 'next')?.url
  return { found, next: typeof next === 'string' && found.length > 0 ? next : null }
}

/** A search set may say within itself that it is not whole. */
function refuseFailure(outcome: Resource): void {
  const severities = objectsIn(outcome.issue).map((issue) => issue.severity)
  if (severities.includes('fatal') || severities.includes('error')) throw new Fault('failed')
}

export const carriesNumber = (patient: Resource, nhsNumber: NhsNumber): boolean =>
  objectsIn(patient.identifier).some(
    (identifier) => identifier.system === NHS_NUMBER_SYSTEM && identifier.value === nhsNumber,
  )

/** A server that does not know a search parameter may answer with everyone: each resource must name its patient. */
export function isAbout(resource: Resource, patient: Resource, nhsNumber: NhsNumber): boolean {
  if (resource.resourceType === 'Patient') return resource.id === patient.id
  const participants = objectsIn(resource.participant).map((participant) => participant.actor)
  return [resource.subject, resource.patient, ...participants].some((subject) => {
    if (!isObject(subject)) return false
    const { reference, identifier } = subject
    if (isObject(identifier) && identifier.system === NHS_NUMBER_SYSTEM) return identifier.value === nhsNumber
    return (
      typeof reference === 'string' &&
      /(?:^|\/)Patient\/([^/]+)(?:\/_history\/[^/]+)?$/.exec(reference)?.[1] === patient.id
    )
  })
}

export function personOf(mapping: FhirFile['person'], patient: Resource): Unchecked['people'][number] {
  return assemblePerson(mapping, reader(expressionsIn(Object.values(mapping)), toTypedValue(patient), {}))
}

/** @returns none, one or several records, as the rule says */
export function recordsOf(
  type: string,
  rule: FhirRule,
  fields: readonly string[],
  resource: Resource,
  patient: Resource,
): readonly UncheckedRecord[] {
  const { search: _, where, each, ...mapping } = rule
  const variables = { '%resource': toTypedValue(resource), '%patient': toTypedValue(patient) }
  const whole = toTypedValue(resource)
  if (where !== undefined && evaluate(where, whole, variables)[0]?.value !== true) return []
  const sources = each === undefined ? [whole] : evaluate(each, whole, variables)
  const wanted = expressionsOf(mapping, fields)
  return sources.map((source) => assemble(type, mapping, fields, reader(wanted, source, variables)))
}

type Variables = Readonly<Record<string, TypedValue>>

function reader(wanted: readonly string[], source: TypedValue, variables: Variables) {
  const values = new Map(wanted.map((expression) => [expression, evaluate(expression, source, variables)]))
  return (expression: string): unknown => {
    const found = (values.get(expression) ?? []).map(({ value }) => value as unknown)
    return found.length <= 1 ? found[0] : found
  }
}

/** The expressions of the mappings: few, and each used for every resource. */
const parsed = new Map<string, FhirPathAtom>()

/** @returns a FHIRPath collection; a fault where the answer is not what the expression expects */
function evaluate(expression: string, source: TypedValue, variables: Variables): TypedValue[] {
  try {
    const atom = parsed.get(expression) ?? parseFhirPath(expression)
    parsed.set(expression, atom)
    return evalFhirPathTyped(atom, [source], variables)
  } catch {
    throw new Fault('malformed')
  }
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const objectsIn = (value: unknown): readonly Readonly<Record<string, unknown>>[] =>
  Array.isArray(value) ? value.filter(isObject) : []
