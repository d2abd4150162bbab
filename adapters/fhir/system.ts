/**
 * Asks a FHIR R4 server: the patient by NHS number, then at once one search for each kind of resource that the
 * question needs, for the elements that it needs. GET only. Follows `Bundle.link[next]` within the server's own origin,
 * and nothing else.
 */
import { NHS_NUMBER_SYSTEM } from '../../schema/nhs-number.ts'
import { recordTypeNamed } from '../../schema/record-types.ts'
import type { CustodianQuestion } from '../contract.ts'
import { credentials } from '../credentials.ts'
import type { FhirFile } from '../custodian-file.ts'
import { Fault } from '../fault.ts'
import { faultOfStatus, httpClient, isSuccess } from '../http.ts'
import { fieldsAsked } from '../mapping.ts'
import { preparedOnce } from '../prepared.ts'
import { ourHeaders, type System } from '../system.ts'
import { carriesNumber, isAbout, pageIn, personOf, type Resource, recordsOf } from './resource.ts'
import { PATIENT_SEARCH, type SearchElements, searchElements } from './search-elements.ts'

/** Of one search. */
const MOST_PAGES = 20
const MOST_RESOURCES = 2_000 // as many as `receive.ts` accepts of records

export function fhirSystem(file: FhirFile, clock: () => Date): System {
  const base = new URL(file.connection.baseUrl.replace(/\/*$/, '/'))
  const http = httpClient(base.origin, file.connection.tls)
  const key = credentials(file.connection.credentials, clock)

  async function get(address: URL, question: CustodianQuestion, again = true): Promise<unknown> {
    const headers = {
      accept: 'application/fhir+json',
      prefer: 'handling=strict', // an unknown parameter is an error, not everyone's records
      ...ourHeaders(question),
      ...(await key.headers(question.signal)),
    }
    const answer = await http.get(address, { headers, signal: question.signal })
    if (answer.status === 401 && again && key.forget()) return get(address, question, false)
    if (!isSuccess(answer.status)) throw faultOfStatus(answer.status)
    return answer.body
  }

  const elementsFor =
    file.fieldSelection === 'none'
      ? (): SearchElements => new Map()
      : preparedOnce((recordTypes) => searchElements(file, recordTypes))

  /** @param elements everything where left out */
  async function search(
    terms: string,
    elements: readonly string[] | undefined,
    question: CustodianQuestion,
  ): Promise<readonly Resource[]> {
    const all: Resource[] = []
    const selected = elements === undefined ? terms : `${terms}&_elements=${elements.join(',')}`
    const counted = /[?&]_count=/.test(terms) ? selected : `${selected}&_count=${file.connection.pageSize}`
    let address: URL | null = new URL(counted, base)
    for (let page = 0; address !== null; page++) {
      if (page === MOST_PAGES) throw new Fault('malformed', 'too many pages')
      const { found, next }: ReturnType<typeof pageIn> = pageIn(await get(address, question))
      // a part of a resource is marked as such in `meta`, where its labels are as well
      if (elements !== undefined && !found.every(({ meta }) => typeof meta === 'object' && meta !== null))
        throw new Fault('malformed', 'a part of a resource without its labels')
      all.push(...found)
      if (all.length > MOST_RESOURCES) throw new Fault('malformed', 'too many resources')
      if (next !== null && !URL.canParse(next, base.href)) throw new Fault('malformed')
      address = next === null ? null : new URL(next, address)
    }
    return all
  }

  async function recordsFor(patient: Resource, elements: SearchElements, question: CustodianQuestion) {
    const searches = new Map<string, Promise<readonly Resource[]>>()
    const found = (template: string) => {
      const terms = filled(template, patient, question)
      const known =
        searches.get(template) ??
        search(terms, elements.get(template), question).then((all) => checked(all, terms, patient, question))
      searches.set(template, known)
      return known
    }
    const asked = question.recordTypes.flatMap(({ name, groups }) => {
      const type = recordTypeNamed(name)
      const fields = type === undefined ? [] : fieldsAsked(type, groups)
      return (file.records[name] ?? []).map(async (rule) => {
        const resources = rule.search === undefined ? [patient] : await found(rule.search)
        return resources.flatMap((resource) => recordsOf(name, rule, fields, resource, patient))
      })
    })
    return (await Promise.all(asked)).flat()
  }

  return {
    async ask(question) {
      const identifier = encodeURIComponent(`${NHS_NUMBER_SYSTEM}|${question.nhsNumber}`)
      const elements = elementsFor(question.recordTypes)
      const found = await search(`Patient?identifier=${identifier}`, elements.get(PATIENT_SEARCH), question)
      const patients = found.filter(({ resourceType }) => resourceType === 'Patient')
      if (!patients.every((patient) => carriesNumber(patient, question.nhsNumber)))
        throw new Fault('malformed', 'a patient under another NHS number')
      const records = await Promise.all(patients.map((patient) => recordsFor(patient, elements, question)))
      return {
        kind: 'unchecked',
        people: patients.map((patient) => personOf(file.person, patient)),
        records: records.flat(),
        asOf: file.currency?.asOf === 'live' ? clock().toISOString() : null,
        holdsFrom: file.currency?.from ?? null,
      }
    },
    proveReadOnly: async () => null, // it sends nothing but GET
    close: async () => {
      await Promise.all([http.close(), key.close()])
    },
  }
}

const filled = (terms: string, patient: Resource, { nhsNumber }: CustodianQuestion) =>
  terms.replaceAll('{patient}', encodeURIComponent(patient.id)).replaceAll('{nhsNumber}', nhsNumber)

function checked(
  all: readonly Resource[],
  terms: string,
  patient: Resource,
  { nhsNumber }: CustodianQuestion,
): readonly Resource[] {
  const wanted = all.filter((resource) => terms.startsWith(`${resource.resourceType}?`))
  if (!wanted.every((resource) => isAbout(resource, patient, nhsNumber)))
    throw new Fault('malformed', 'a resource about another patient')
  return wanted
}
