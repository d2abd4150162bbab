/** The education welfare service's system over REST: a key in a header, answers in pages. Reads only. */
import type { WelfareFile } from '../population/welfare-file.ts'
import type { AccessLog } from './access-log.ts'
import { type AgencyServer, type Answer, sameSecret, serveAgency } from './agency-server.ts'

export interface EducationWelfareOptions {
  readonly port: number
  readonly key: string
  readonly files: readonly WelfareFile[]
  readonly asOf: string
  readonly recordsFrom: string
  readonly log: AccessLog
}

const words = (text: string) => text.split(' ')
/** What `kinds` may name: what an entry can be. */
const kindsOfEntry = words('register attendance-case ehcp officer')
/** What `childFields` and `entryFields` may name. */
const childFields = words('ref nhs upn forename surname otherNames dob restrictions')
const entryFields = words(
  'entryId childRef kind date enteredAt restrictions status yearGroup endDate school schoolPhone destination to possible attended unauthorised codes provision need reviewDue officer team role phone email',
)

const PAGE = 50 // entries, unless the caller says otherwise
const MOST = 200

export function startEducationWelfare(options: EducationWelfareOptions): Promise<AgencyServer> {
  const byRef = new Map(options.files.map((file) => [file.ref, file]))
  const byNumber = new Map<string, WelfareFile[]>()
  for (const file of options.files) {
    const { nhs } = file.child
    if (typeof nhs === 'string') byNumber.set(nhs, [...(byNumber.get(nhs) ?? []), file])
  }
  const currency = { asOf: options.asOf, from: options.recordsFrom }

  return serveAgency(options.port, options.log, (url, request): Answer => {
    const key = request.headers['x-api-key']
    if (!sameSecret(typeof key === 'string' ? key : undefined, options.key))
      return { status: 403, body: { fault: 'key not accepted' } }
    if (request.method !== 'GET') return { status: 405, body: { fault: 'reads only' } }
    const selection = selectionIn(url)
    if (selection === null) return { status: 400, body: { fault: 'kinds or fields not understood' } }
    const held = byNumber.get(url.searchParams.get('nhs') ?? '') ?? []
    const children = held.map(({ child }) => only(child, selection.child))
    const ofChild = named('children', selection.child)
    if (url.pathname === '/ews/v1/children')
      return { status: 200, body: { children, ...currency }, fields: ofChild }
    const { kinds } = selection
    const fields = [...ofChild, ...(kinds.length === 0 ? [] : named('entries', selection.entry))]
    if (url.pathname === '/ews/v1/entries') {
      const page = pageOf(held, url, selection)
      if (page === null) return { status: 400, body: { fault: 'cursor or limit not understood' } }
      return { status: 200, body: { children, ...page, ...currency }, kinds, fields }
    }
    const ref = /^\/ews\/v1\/children\/([^/]+)\/entries$/.exec(url.pathname)?.[1]
    const file = byRef.get(ref ?? '')
    const path = '/ews/v1/children/{ref}/entries'
    if (file === undefined) return { status: 404, body: { fault: 'no such child' }, path }
    const page = pageOf([file], url, selection)
    if (page === null) return { status: 400, body: { fault: 'cursor or limit not understood' }, path }
    return { status: 200, body: page, kinds, fields: named('entries', selection.entry), path }
  })
}

interface Selection {
  /** all where the caller names none */
  readonly kinds: readonly string[]
  readonly child: readonly string[] | null
  readonly entry: readonly string[] | null
}

/** @returns null where a kind or a field is named that there is not. `kinds=none` asks for no entry. */
function selectionIn({ searchParams }: URL): Selection | null {
  const list = (parameter: string, known: readonly string[]) => {
    const given = searchParams.get(parameter)
    if (given === null) return null
    const names = given.split(',').filter((name) => name !== '')
    return names.every((name) => known.includes(name)) ? names : undefined
  }
  const kinds = searchParams.get('kinds') === 'none' ? [] : list('kinds', kindsOfEntry)
  const child = list('childFields', childFields)
  const entry = list('entryFields', entryFields)
  if (kinds === undefined || child === undefined || entry === undefined) return null
  return { kinds: kinds ?? kindsOfEntry, child, entry }
}

const named = (list: string, fields: readonly string[] | null) =>
  (fields ?? ['*']).map((name) => `${list}.${name}`)

const only = (one: object, fields: readonly string[] | null): object =>
  fields === null ? one : Object.fromEntries(Object.entries(one).filter(([name]) => fields.includes(name)))

/** @returns null where the cursor is not one that we gave, or the limit is not 1 to 200 */
function pageOf(files: readonly WelfareFile[], url: URL, { kinds, entry }: Selection) {
  const entries = files.flatMap((file) => file.entries).filter((one) => kinds.includes(String(one.kind)))
  const limit = Number(url.searchParams.get('limit') ?? PAGE)
  const from = cursorFrom(url.searchParams.get('cursor'))
  if (!Number.isInteger(limit) || limit < 1 || limit > MOST || from === null || from > entries.length)
    return null
  const until = from + limit
  return {
    entries: entries.slice(from, until).map((one) => only(one, entry)),
    nextCursor: until < entries.length ? Buffer.from(`after:${until}`).toString('base64url') : null,
  }
}

function cursorFrom(cursor: string | null): number | null {
  if (cursor === null) return 0
  const place = /^after:(\d{1,6})$/.exec(Buffer.from(cursor, 'base64url').toString('utf8'))?.[1]
  return place === undefined ? null : Number(place)
}
