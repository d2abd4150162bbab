/** The agencies on a PostgreSQL of their own, with the real identity provider, for the tests of this folder. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { importJWK, SignJWT } from 'jose'
import { type Agencies, startAgencies } from '../../../gateway/local/agencies/start.ts'
import { startIdentityProvider } from '../../../gateway/local/identity-provider.ts'
import { someFree } from '../../../gateway/local/ports.ts'
import { startPostgres } from '../../../gateway/local/postgres.ts'
import { serviceClientSettings, serviceClients } from '../../../gateway/local/service-clients.ts'
import { newSigningKey } from '../../../gateway/local/signing-keys.ts'

type Started = Agencies & { setting(name: string): string }

export interface AgenciesUnderTest {
  start(more?: { apart?: boolean; dfeFolders?: readonly string[] }): Promise<Started>
  /** a token as the gateway gets it for that health provider */
  token(custodian: 'northshire-hospital' | 'northshire-community-health'): Promise<string>
  stop(): Promise<void>
}

export async function agenciesUnderTest(children = 60): Promise<AgenciesUnderTest> {
  const dir = await mkdtemp(join(tmpdir(), 'sightline-agencies-'))
  const [port = 0] = await someFree(1)
  const agenciesPostgres = await startPostgres({ dataDir: join(dir, 'cluster'), port, password: 'agencies' })
  const keys = {
    'northshire-hospital': await newSigningKey(),
    'northshire-community-health': await newSigningKey(),
  }
  const provider = await startIdentityProvider({ dataDir: dir, port: 0, services: serviceClients(keys) })
  const settings = serviceClientSettings(provider.issuer, keys)
  return {
    async start(more = {}) {
      const agencies = await startAgencies({
        dataDir: join(dir, 'agencies'),
        agenciesPostgres,
        issuer: provider.issuer,
        seed: 1,
        children,
        ...more,
      })
      return {
        ...agencies,
        setting(name) {
          const value = agencies.env[name]
          if (value === undefined) throw new Error(`no setting ${name}`)
          return value
        },
      }
    },
    async token(custodian) {
      const prefix = custodian.toUpperCase().replaceAll('-', '_')
      const clientId = settings[`${prefix}_CLIENT_ID`] ?? ''
      const assertion = await new SignJWT({ jti: crypto.randomUUID() })
        .setProtectedHeader({ alg: 'ES256' })
        .setIssuer(clientId)
        .setSubject(clientId)
        .setAudience(provider.issuer)
        .setIssuedAt()
        .setExpirationTime('1m')
        .sign(await importJWK(keys[custodian], 'ES256'))
      const response = await fetch(settings[`${prefix}_TOKEN_URL`] ?? '', {
        method: 'POST',
        body: new URLSearchParams({
          grant_type: 'client_credentials',
          scope: 'system/*.read',
          client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
          client_assertion: assertion,
        }),
      })
      const { access_token } = (await response.json()) as { access_token: string }
      return access_token
    },
    async stop() {
      await provider.stop()
      await agenciesPostgres.stop()
      await rm(dir, { recursive: true, force: true })
    },
  }
}
