/**
 * Serves the custodians of `dfe.ts` through the paths of their `custodians-openapi.json`, for all organisations at once.
 * Refuses whoever has no token from its own token endpoint.
 */
import { randomBytes } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { z } from 'zod'
import type { AccessLog } from './access-log.ts'
import { type AgencyServer, type Answer, bearerOf, bodyOf, sameSecret, serveAgency } from './agency-server.ts'
import type { DfeCustodian, DfeRecord } from './dfe.ts'

export interface DfeOptions {
  readonly port: number
  readonly clientId: string
  readonly clientSecret: string
  readonly custodians: readonly DfeCustodian[]
  /** one for each organisation, by `orgId`, and one for requests that name none */
  readonly logFor: (orgId: string | null) => AccessLog
  readonly clock: () => Date
}

const TOKEN_LIFE = 3_600 // seconds

export async function startDfe(options: DfeOptions): Promise<AgencyServer> {
  const tokens = new Map<string, number>()
  const byId = new Map(options.custodians.map((custodian) => [custodian.orgId, custodian]))
  const own = options.logFor(null)
  const log: AccessLog = {
    write: (entry) => options.logFor(orgIn(entry.path, byId)).write(entry),
    entries: () => own.entries(),
  }
  const issue = () => {
    const token = randomBytes(24).toString('base64url')
    tokens.set(token, options.clock().getTime() + TOKEN_LIFE * 1_000)
    return {
      access_token: token,
      token_type: 'Bearer',
      expires_in: TOKEN_LIFE,
      scope: 'find-record.read fetch-record.read',
    }
  }
  return serveAgency(options.port, log, async (url, request): Promise<Answer> => {
    const [, verb = '', ...rest] = url.pathname.split('/').slice(2).map(decodeURIComponent)
    if (!url.pathname.startsWith('/api/v1/')) return problem(404, 'Not Found')
    if (verb.toLowerCase() === 'auth' && request.method === 'POST') {
      const accepted = await clientAccepted(request, options)
      return accepted ? { status: 200, body: issue() } : problem(401, 'Unauthorized')
    }
    if ((tokens.get(bearerOf(request) ?? '') ?? 0) < options.clock().getTime())
      return problem(401, 'Unauthorized')
    if (verb === 'Find' && rest[0] === 'manifest' && request.method === 'POST') {
      const asked = z
        .object({ orgId: z.string(), personId: z.string(), recordType: z.string().nullish() })
        .safeParse(JSON.parse(await bodyOf(request)))
      if (!asked.success) return problem(400, 'Bad Request')
      return find(byId.get(asked.data.orgId), asked.data.personId, asked.data.recordType ?? null, url)
    }
    if (request.method !== 'GET') return problem(405, 'Method Not Allowed')
    const custodian = byId.get(rest[0] ?? '')
    if (verb === 'Find' && rest.length === 2)
      return find(custodian, rest[1] ?? '', url.searchParams.get('recordType'), url)
    if (verb === 'Fetch' && rest.length === 3) return fetchRecord(custodian, rest[2] ?? '', rest[1] ?? null)
    if (verb === 'Fetch' && rest.length === 2)
      return fetchRecord(custodian, rest[1] ?? '', url.searchParams.get('recordType'))
    return problem(404, 'Not Found')
  })
}

function find(custodian: DfeCustodian | undefined, person: string, type: string | null, url: URL): Answer {
  if (custodian === undefined) return problem(404, 'Not Found')
  const { orgId, records } = custodian
  const found = records.filter((one) => one.personId === person && (type === null || one.recordType === type))
  return {
    status: 200,
    body: found.map(({ recordType, recordId, systemId }) => ({
      recordType,
      recordUrl: `${url.origin}/api/v1/Fetch/${orgId}/${recordType}/${recordId}`,
      recordId,
      systemId,
    })),
    kinds: type === null ? ['any'] : [type],
    path: `/api/v1/Find/${orgId}/{personId}`,
  }
}

function fetchRecord(custodian: DfeCustodian | undefined, id: string, type: string | null): Answer {
  const found = custodian?.records.find(
    (one) => one.recordId === id && (type === null || one.recordType === type),
  )
  if (custodian === undefined || found === undefined) return problem(404, 'Not Found')
  return {
    status: 200,
    body: envelope(found),
    kinds: [found.recordType],
    path: `/api/v1/Fetch/${custodian.orgId}/{recordType}/{recordId}`,
  }
}

const envelope = (record: DfeRecord) => ({
  recordId: record.recordId,
  personId: record.personId,
  schemaUri: record.schemaUri,
  recordType: record.recordType,
  version: Number(record.version),
  contactDetails: record.contactDetails ?? null,
  recordLinks: record.recordLink ?? null,
  payload: record.payload,
})

const problem = (status: number, title: string): Answer => ({
  status,
  body: { type: null, title, status, detail: null, instance: null },
  type: 'application/problem+json',
  path: '/api/v1/…',
})

/** Client credentials, in the form or in the Authorization header. */
async function clientAccepted(
  request: IncomingMessage,
  { clientId, clientSecret }: DfeOptions,
): Promise<boolean> {
  const form = new URLSearchParams(await bodyOf(request))
  if (form.get('grant_type') !== 'client_credentials') return false
  const basic = /^Basic (\S+)$/i.exec(request.headers.authorization ?? '')?.[1]
  const [id, secret] = basic
    ? Buffer.from(basic, 'base64').toString('utf8').split(':').map(decodeURIComponent)
    : [form.get('client_id') ?? undefined, form.get('client_secret') ?? undefined]
  return sameSecret(id, clientId) && sameSecret(secret, clientSecret)
}

const orgIn = (path: string, known: ReadonlyMap<string, unknown>): string | null => {
  const org = /^\/api\/v1\/(?:Find|Fetch)\/([^/]+)\//.exec(path)?.[1]
  return org !== undefined && known.has(org) ? org : null
}
