/** A school management system over REST. One bearer token per school; reads only. */
import type { Entry, PupilFile, School } from '../population/school-file.ts'
import type { AccessLog } from './access-log.ts'
import { type AgencyServer, type Answer, bearerOf, sameSecret, serveAgency } from './agency-server.ts'

const lists = ['enrolment', 'attendance', 'suspensions', 'sen', 'contacts', 'safeguarding'] as const
type List = (typeof lists)[number]

const words = (text: string) => text.split(' ')
/** What `fields[…]=` may name, list by list. `id` and `sensitivity` come with every entry, asked for or not. */
const fieldNames: Readonly<Record<'pupils' | List, readonly string[]>> = {
  pupils: words(
    'id upn nhsNumber legalForename chosenForename middleNames legalSurname formerSurname dateOfBirth gender ethnicity homeLanguage address telephone sensitivity updatedAt',
  ),
  enrolment: words(
    'id status yearGroup entryDate leavingDate school schoolTelephone destination sensitivity',
  ),
  attendance: words(
    'id term from to possibleSessions attendedSessions unauthorisedSessions codes recordedAt sensitivity',
  ),
  suspensions: words('id type startDate sessions reasons otherPupils account recordedAt sensitivity'),
  sen: words('id provision primaryNeed startDate ehcpReviewDue recordedAt sensitivity'),
  contacts: words(
    'id relationship name dateOfBirth livesWithPupil parentalResponsibility telephone sensitivity',
  ),
  safeguarding: words('id role name telephone email from sensitivity'),
}
const ALWAYS = ['id', 'sensitivity']

export interface SchoolOptions {
  readonly port: number
  readonly token: string
  readonly school: School
  readonly pupils: readonly PupilFile[]
  /** instant of the system's last change */
  readonly asOf: string
  readonly recordsFrom: string
  readonly log: AccessLog
}

export function startSchool(options: SchoolOptions): Promise<AgencyServer> {
  const byId = new Map(options.pupils.map((file) => [file.id, file]))
  const byNumber = groupBy(options.pupils, 'nhsNumber')
  const byUpn = groupBy(options.pupils, 'upn')
  const meta = { school: options.school.name, dataAsOf: options.asOf, recordsFrom: options.recordsFrom }

  return serveAgency(options.port, options.log, (url, request): Answer => {
    if (!sameSecret(bearerOf(request), options.token))
      return { status: 401, body: { error: { code: 'unauthorised' } } }
    if (request.method !== 'GET') return { status: 405, body: { error: { code: 'read_only' } } }
    const [, id, list] = /^\/api\/v3\/pupils(?:\/([^/]+)(?:\/([a-z]+))?)?$/.exec(url.pathname) ?? []
    if (url.pathname === '/api/v3/pupils') {
      const [number, upn] = [url.searchParams.get('nhsNumber'), url.searchParams.get('upn')]
      if (number === null && upn === null)
        return { status: 400, body: { error: { code: 'filter_missing', message: 'give nhsNumber or upn' } } }
      const asked = (url.searchParams.get('include') ?? '').split(',').filter((name) => name !== '')
      const unknown = asked.find((name) => !isList(name))
      if (unknown !== undefined) return { status: 400, body: { error: { code: 'include_unknown' } } }
      const sparse = sparseFieldsIn(url)
      if (sparse === null) return { status: 400, body: { error: { code: 'fields_unknown' } } }
      const found = number === null ? byUpn.get(upn ?? '') : byNumber.get(number)
      const data = (found ?? []).map((file) => pupilBody(file, asked.filter(isList), sparse))
      const fields = ['pupils', ...asked].flatMap((list) =>
        (sparse.get(list) ?? ['*']).map((name) => `${list}.${name}`),
      )
      return { status: 200, body: { data, meta }, kinds: asked, fields }
    }
    const file = byId.get(id ?? '')
    if (file === undefined || (list !== undefined && !isList(list)))
      return { status: 404, body: { error: { code: 'not_found' } }, path: '/api/v3/pupils/{id}' }
    return list === undefined
      ? { status: 200, body: { data: [pupilBody(file, [])], meta }, path: '/api/v3/pupils/{id}' }
      : { status: 200, body: { data: file[list], meta }, kinds: [list], path: `/api/v3/pupils/{id}/${list}` }
  })
}

const isList = (name: string): name is List => lists.some((list) => list === name)

function groupBy(pupils: readonly PupilFile[], key: 'nhsNumber' | 'upn'): Map<string, PupilFile[]> {
  const groups = new Map<string, PupilFile[]>()
  for (const file of pupils) {
    const value = file.pupil[key]
    if (typeof value === 'string') groups.set(value, [...(groups.get(value) ?? []), file])
  }
  return groups
}

/** List → the fields of it that are to come; a list that is not named comes whole. */
type Sparse = ReadonlyMap<string, readonly string[]>

/** @returns null where a list or a field is named that there is not */
function sparseFieldsIn(url: URL): Sparse | null {
  const sparse = new Map<string, readonly string[]>()
  for (const [parameter, value] of url.searchParams) {
    const list = /^fields\[([a-z]+)\]$/.exec(parameter)?.[1]
    if (list === undefined) continue
    const names = value.split(',').filter((name) => name !== '')
    const known = list === 'pupils' || isList(list) ? fieldNames[list] : []
    if (known.length === 0 || !names.every((name) => known.includes(name))) return null
    sparse.set(list, names)
  }
  return sparse
}

function only<T extends object>(entry: T, fields: readonly string[] | undefined): object {
  if (fields === undefined) return entry
  return Object.fromEntries(
    Object.entries(entry).filter(([name]) => fields.includes(name) || ALWAYS.includes(name)),
  )
}

function pupilBody(file: PupilFile, include: readonly List[], sparse: Sparse = new Map()): object {
  const { addressLine, addressPostcode, ...rest }: Entry = file.pupil
  const address = addressLine === null ? null : { line: addressLine, postcode: addressPostcode }
  const included = include.map((list) => [list, file[list].map((entry) => only(entry, sparse.get(list)))])
  return { ...only({ ...rest, address }, sparse.get('pupils')), ...Object.fromEntries(included) }
}
