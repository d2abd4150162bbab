/**
 * A health provider's FHIR R4 server. A bearer token from the identity provider opens it for reading; nothing can be
 * written through it. Refuses a token of another issuer, for another audience, expired, or signed with a weak algorithm.
 */
import { getStatus } from '@medplum/core'
import { FhirRouter } from '@medplum/fhir-router'
import { createRemoteJWKSet, type JWTVerifyGetKey, jwtVerify } from 'jose'
import type { HealthFile } from '../population/health-file.ts'
import type { AccessLog } from './access-log.ts'
import { type AgencyServer, type Answer, bearerOf, serveAgency } from './agency-server.ts'
import { MOST_PER_PAGE, ProviderRepository, servedTypes } from './fhir-repository.ts'
import { practitionersIn, resourcesOf } from './fhir-resources.ts'

export interface HealthProviderOptions {
  readonly port: number
  readonly name: string
  /** code under which the provider numbers its patients */
  readonly authority: string
  readonly issuer: string
  /** that a token must be meant for */
  readonly audience: string
  readonly files: readonly HealthFile[]
  /** instant of the last change */
  readonly asOf: string
  readonly log: AccessLog
}

const PATH = '/fhir/R4'
const FHIR_JSON = 'application/fhir+json'
/** What may sign a token: no shared secret, and nothing unsigned. */
const algorithms = ['ES256', 'RS256', 'PS256', 'RS512']
/** SMART Backend Services; asked for only where the token has scopes at all. */
const SCOPE = 'system/*.read'

export async function startHealthProvider(options: HealthProviderOptions): Promise<AgencyServer> {
  const accept = tokenCheck(options)
  const router = new FhirRouter()
  let repository: ProviderRepository | null = null

  const server = await serveAgency(options.port, options.log, async (url, request): Promise<Answer> => {
    const kinds = [url.pathname.slice(PATH.length + 1), ...url.searchParams.getAll('_revinclude')]
      .map((name) => name.split(/[/:]/)[0] ?? '')
      .filter((name) => servedTypes.some((type) => type === name))
    const [searched = '', ...included] = kinds
    const elements = url.searchParams.get('_elements')?.split(',') ?? ['*']
    const fields = [
      ...elements.map((name) => `${searched}.${name}`),
      ...included.map((type) => `${type}.*`), // `_elements` is about what was searched for
    ]
    const answer = (status: number, body: unknown): Answer => ({
      status,
      body,
      type: FHIR_JSON,
      kinds,
      ...(searched === '' ? {} : { fields }),
      path: url.pathname.startsWith(`${PATH}/`) ? pathFor(url) : '/…',
    })
    if (!url.pathname.startsWith(`${PATH}/`)) return answer(404, outcome('not-found', 'no such service'))
    if (request.method !== 'GET') return answer(405, outcome('not-supported', 'this service reads only'))
    if (url.pathname === `${PATH}/metadata`) return answer(200, capability(options))
    if (!(await accept(bearerOf(request)))) return answer(401, outcome('login', 'token not accepted'))
    if (repository === null) return answer(503, outcome('transient', 'starting'))
    const asked = `${url.pathname.slice(PATH.length)}${url.search}`
    const [result, resource] = await router.handleRequest(
      {
        method: 'GET',
        url: asked,
        pathname: '',
        query: {},
        params: {},
        headers: request.headers,
        body: null,
      },
      repository,
    )
    return answer(getStatus(result), resource ?? result)
  })
  const filled = new ProviderRepository(`${server.origin}${PATH}`)
  for (const resource of practitionersIn(options.files, options.asOf)) await filled.createResource(resource)
  for (const file of options.files)
    for (const resource of resourcesOf(file, options.authority)) await filled.createResource(resource)
  repository = filled
  return { origin: `${server.origin}${PATH}`, stop: server.stop }
}

/** The issuer's keys are asked for when the first token comes, so that the provider can start before the issuer. */
function tokenCheck({
  issuer,
  audience,
}: HealthProviderOptions): (token: string | undefined) => Promise<boolean> {
  let keys: JWTVerifyGetKey | null = null
  return async (token) => {
    if (token === undefined) return false
    try {
      keys ??= await keysOf(issuer)
      const { payload } = await jwtVerify(token, keys, {
        issuer,
        audience,
        algorithms,
        requiredClaims: ['exp'],
      })
      return typeof payload.scope !== 'string' || payload.scope.split(' ').includes(SCOPE)
    } catch {
      return false
    }
  }
}

async function keysOf(issuer: string): Promise<JWTVerifyGetKey> {
  const address = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`
  const found: unknown = await (await fetch(address, { signal: AbortSignal.timeout(3_000) })).json()
  if (typeof found !== 'object' || found === null || !('jwks_uri' in found))
    throw new Error('the issuer does not say where its keys are')
  return createRemoteJWKSet(new URL(String(found.jwks_uri)))
}

/** `/Encounter?patient`, `/Patient/{id}`: which kind and how, without whom. */
function pathFor(url: URL): string {
  const [type = '', id] = url.pathname.slice(PATH.length + 1).split('/')
  const names = [...new Set(url.searchParams.keys())].join('&')
  return `/${type}${id === undefined ? '' : '/{id}'}${names === '' ? '' : `?${names}`}`
}

const outcome = (code: string, text: string) => ({
  resourceType: 'OperationOutcome',
  issue: [{ severity: 'error', code, details: { text } }],
})

const capability = ({ name, asOf }: HealthProviderOptions) => ({
  resourceType: 'CapabilityStatement',
  status: 'active',
  date: asOf,
  kind: 'instance',
  fhirVersion: '4.0.1',
  format: ['json'],
  implementation: { description: name },
  rest: [
    {
      mode: 'server',
      documentation: `At most ${MOST_PER_PAGE} to a page.`,
      resource: servedTypes.map((type) => ({
        type,
        interaction: [{ code: 'read' }, { code: 'search-type' }],
        searchParam:
          type === 'Patient'
            ? [{ name: 'identifier', type: 'token' }]
            : type === 'Practitioner'
              ? []
              : [{ name: 'patient', type: 'reference' }],
        ...(type === 'Patient'
          ? { searchRevInclude: servedTypes.slice(1, -1).map((other) => `${other}:patient`) }
          : {}),
      })),
    },
  ],
})
