/**
 * Says which elements each search of a question asks for: those that its record types and field groups need, and what
 * says whose the resource is, how it is labelled and whether it counts. Pure.
 */
import { parseFhirPath } from '@medplum/core'
import { recordTypeNamed } from '../../schema/record-types.ts'
import type { CustodianQuestion } from '../contract.ts'
import type { FhirFile } from '../custodian-file.ts'
import { expressionsIn, fieldsAsked, type Readings } from '../mapping.ts'
import type { Doubt } from '../places.ts'
import type { FileFault } from '../preset.ts'
import { type ElementsRead, elementsRead, THE_PATIENT, THE_RESOURCE, type Whole, WITHIN } from './elements.ts'
import type { FhirRule } from './resource.ts'

/** The search by which the patient is found. */
export const PATIENT_SEARCH = 'Patient?identifier={nhsNumber}'

/** What a search asks for, by its terms as the file writes them. */
export type SearchElements = ReadonlyMap<string, readonly string[]>

/**
 * Which element says whose the resource is, where it is not `subject`.
 * @see https://hl7.org/fhir/R4/compartmentdefinition-patient.html
 */
const SUBJECT: Readonly<Record<string, string>> = {
  Patient: 'identifier',
  AllergyIntolerance: 'patient',
  Appointment: 'participant',
  AppointmentResponse: 'actor',
  Claim: 'patient',
  Consent: 'patient',
  DetectedIssue: 'patient',
  Device: 'patient',
  EpisodeOfCare: 'patient',
  FamilyMemberHistory: 'patient',
  Immunization: 'patient',
  ImmunizationEvaluation: 'patient',
  ImmunizationRecommendation: 'patient',
  NutritionOrder: 'patient',
  RelatedPerson: 'patient',
  VisionPrescription: 'patient',
}

/** A key of the file, the expressions that stand there, and what they are seen from. */
type Part = readonly [key: string, value: Readings | undefined, from: Whole]

const wholeOf = ({ search }: FhirRule): Whole => (search === undefined ? THE_PATIENT : THE_RESOURCE)

/** @param fields null for all that are mapped */
function partsOf(key: string, rule: FhirRule, fields: readonly string[] | null): readonly Part[] {
  const { search: _, where, each, fields: mapped, ...envelope } = rule
  const whole = wholeOf(rule)
  const from = each === undefined ? whole : WITHIN
  return [
    [`${key}.where`, where, whole],
    [`${key}.each`, each, whole],
    ...Object.entries(envelope).map(([part, value]): Part => [`${key}.${part}`, value, from]),
    ...Object.entries(mapped)
      .filter(([name]) => fields === null || fields.includes(name))
      .map(([name, value]): Part => [`${key}.fields.${name}`, value, from]),
  ]
}

const personParts = (person: FhirFile['person']): readonly Part[] =>
  Object.entries(person).map(([part, value]) => [`person.${part}`, value, THE_PATIENT])

export function searchElements(
  { person, records }: Pick<FhirFile, 'person' | 'records'>,
  recordTypes: CustodianQuestion['recordTypes'],
): SearchElements {
  const searches = new Map<string, Set<string>>()
  const at = (search: string) => {
    const type = search.slice(0, search.indexOf('?'))
    const known = searches.get(search) ?? new Set(['id', 'meta', SUBJECT[type] ?? 'subject'])
    searches.set(search, known)
    return known
  }
  const add = (search: string, parts: readonly Part[]) => {
    for (const [, value, from] of parts)
      for (const expression of expressionsIn([value])) {
        const read = readIn(expression, from)
        if (read === null || 'doubt' in read) continue // told at start
        for (const name of read.resource) at(search).add(name)
        for (const name of read.patient) at(PATIENT_SEARCH).add(name)
      }
  }
  add(PATIENT_SEARCH, personParts(person))
  for (const { name, groups } of recordTypes) {
    const type = recordTypeNamed(name)
    const fields = type === undefined ? [] : fieldsAsked(type, groups)
    for (const rule of records[name] ?? []) add(rule.search ?? PATIENT_SEARCH, partsOf(name, rule, fields))
  }
  return new Map([...searches].map(([search, names]) => [search, [...names].sort()]))
}

/** Expressions of which nobody can tell beforehand which elements they read. */
export function elementFaults({
  person,
  records,
}: Pick<FhirFile, 'person' | 'records'>): readonly FileFault[] {
  const parts = Object.entries(records).flatMap(([name, rules]) =>
    rules.flatMap((rule, place) =>
      partsOf(rules.length === 1 ? `records.${name}` : `records.${name}.${place}`, rule, null),
    ),
  )
  return [...personParts(person), ...parts].flatMap(([key, value, from]) =>
    expressionsIn([value]).flatMap((expression) => {
      const seen = readIn(expression, from)
      if (seen === null || !('doubt' in seen)) return []
      const remedy = `\`${expression}\` does not say beforehand which elements it reads (${seen.doubt}); write it with plain paths, or fieldSelection: none`
      return [{ key, remedy }]
    }),
  )
}

/** @returns null where it is not FHIRPath, which mapping-faults.ts tells */
function readIn(expression: string, from: Whole): ElementsRead | Doubt | null {
  try {
    return elementsRead(parseFhirPath(expression), from)
  } catch {
    return null
  }
}
