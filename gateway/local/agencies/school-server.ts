/** A school management system over REST. One bearer token per school; reads only. */
import type { Entry, PupilFile, School } from '../population/school-file.ts'
import type { AccessLog } from './access-log.ts'
import { type AgencyServer, type Answer, bearerOf, sameSecret, serveAgency } from './agency-server.ts'

const lists = ['enrolment', 'attendance', 'suspensions', 'sen', 'contacts', 'safeguarding'] as const
type List = (typeof lists)[number]

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
      const found = number === null ? byUpn.get(upn ?? '') : byNumber.get(number)
      const data = (found ?? []).map((file) => pupilBody(file, asked.filter(isList)))
      return { status: 200, body: { data, meta }, kinds: asked }
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

function pupilBody(file: PupilFile, include: readonly List[]): Record<string, unknown> {
  const { addressLine, addressPostcode, ...rest }: Entry = file.pupil
  const address = addressLine === null ? null : { line: addressLine, postcode: addressPostcode }
  return { ...rest, address, ...Object.fromEntries(include.map((list) => [list, file[list]])) }
}
