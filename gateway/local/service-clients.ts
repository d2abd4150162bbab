/** The gateway as a client of the custodians that ask for a signed request for a token (`private_key_jwt`). Data only. */
import type { ServiceClient } from './identity-provider-configuration.ts'
import { publicPart, type SigningKey } from './signing-keys.ts'

/** Audiences as gateway/local/agencies/README.md gives them; the scope is that of SMART Backend Services. */
const CUSTODIANS = [
  { custodian: 'northshire-hospital', audience: 'https://northshire-hospital.example/fhir' },
  { custodian: 'northshire-community-health', audience: 'https://northshire-community-health.example/fhir' },
] as const

const SCOPE = 'system/*.read'

export const CUSTODIANS_WITH_KEYS: readonly string[] = CUSTODIANS.map(({ custodian }) => custodian)

const clientId = (custodian: string): string => `sightline-at-${custodian}`

/** What the custodians' authorisation server knows of us. */
export const serviceClients = (keys: Readonly<Record<string, SigningKey>>): ServiceClient[] =>
  CUSTODIANS.map(({ custodian, audience }) => {
    const key = keys[custodian]
    return { clientId: clientId(custodian), audience, scope: SCOPE, publicKeys: key ? [publicPart(key)] : [] }
  })

/** What the gateway knows: settings such as NORTHSHIRE_HOSPITAL_PRIVATE_KEY, a JWK. */
export function serviceClientSettings(
  issuer: string,
  keys: Readonly<Record<string, SigningKey>>,
): Record<string, string> {
  return Object.fromEntries(
    CUSTODIANS.flatMap(({ custodian, audience }) => {
      const prefix = custodian.toUpperCase().replaceAll('-', '_')
      return [
        [`${prefix}_TOKEN_URL`, `${issuer}/token`],
        [`${prefix}_CLIENT_ID`, clientId(custodian)],
        [`${prefix}_PRIVATE_KEY`, JSON.stringify(keys[custodian])],
        [`${prefix}_AUDIENCE`, audience],
      ]
    }),
  )
}
