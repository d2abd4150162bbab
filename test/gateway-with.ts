/** A whole gateway over HTTP, on parts that run already, with a ledger and a topic of its own. For tests and benches. */
import { randomBytes } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Writable } from 'node:stream'
import pg from 'pg'
import { pino } from 'pino'
import { registerFrom } from '../gateway/access/register-file.ts'
import { pictureDocument } from '../gateway/commands/picture-document.ts'
import { readConfig } from '../gateway/config.ts'
import { type OpenedHouse, openHouse } from '../gateway/house.ts'
import { PERSONAS } from '../gateway/local/personas.ts'
import { northshireRegister } from '../gateway/local/population/register.ts'
import { storyOf } from '../gateway/local/population/stories.ts'
import { accessTokenFor } from '../gateway/local/sign-in.ts'
import { buildServer } from '../gateway/server.ts'
import { openStore } from '../gateway/store.ts'
import type { Partners } from './setup/partners.ts'

export interface Settings {
  readonly env?: Readonly<Record<string, string>>
  readonly clock?: () => Date
  /** where the gateway's log goes; nowhere where not given */
  readonly log?: Writable
  /** without brokers accesses wait in the outbox; most tests read them there */
  readonly kafka?: boolean
}

export interface Reply {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  // biome-ignore lint/suspicious/noExplicitAny: an answer is whatever the test asked for
  readonly body: any
}

export interface Asking {
  readonly purpose?: string
  readonly threshold?: string
  readonly lawfulBasis?: { article6: string; condition: string; function: string }
  readonly caseReference?: string
  readonly consentRecorded?: boolean
  readonly document?: string
  readonly extra?: Readonly<Record<string, string>>
}

export interface GatewayUnderTest {
  readonly url: string
  readonly opened: OpenedHouse
  readonly pool: pg.Pool
  readonly databaseUrl: string
  /** asks about a story's child, by the story's case */
  ask(persona: string, story: string, asking?: Asking): Promise<Reply>
  post(body: string, headers?: Readonly<Record<string, string>>): Promise<Reply>
  token(persona: string): Promise<string>
  close(): Promise<void>
}

/** The day on which the stories play. */
export const TODAY = '2026-11-21'
export const NOON = new Date(`${TODAY}T12:00:00Z`)

export const register = northshireRegister({ personas: PERSONAS, today: TODAY })

const caseOf = (nhsNumber: string) =>
  register.cases.find((each) => each.nhsNumber === nhsNumber)?.reference ?? 'NS-0000-0000'

/** The body of a question about a story's child, by the story's case. */
export function questionAbout(story: string, asking: Asking = {}): string {
  const { nhsNumber } = storyOf(story)
  const variables = {
    nhsNumber,
    reason: {
      purpose: asking.purpose ?? 's47-enquiry',
      lawfulBasis: asking.lawfulBasis ?? {
        article6: 'GDPR-6-1-e',
        condition: 'GDPR-9-2-g',
        function: asking.purpose === 's17-assessment' ? 'CA89-17' : 'CA89-47',
      },
      threshold: asking.threshold ?? (asking.purpose === 's17-assessment' ? 'S17' : 'S47'),
      caseReference: asking.caseReference ?? caseOf(nhsNumber),
      consentRecorded: asking.consentRecorded ?? false,
    },
    ...asking.extra,
  }
  return JSON.stringify({ query: asking.document ?? pictureDocument, variables })
}

async function freshDatabase({ gatewayEnv }: Partners): Promise<string> {
  const url = new URL(gatewayEnv.DATABASE_URL ?? '')
  const name = `gateway_${randomBytes(6).toString('hex')}`
  const client = new pg.Client({ connectionString: url.href })
  await client.connect()
  await client.query(`create database ${name}`)
  await client.end()
  url.pathname = `/${name}`
  return url.href
}

export async function openGatewayWith(
  partners: Partners,
  settings: Settings = {},
): Promise<GatewayUnderTest> {
  const { KAFKA_BROKERS, ...rest } = partners.gatewayEnv
  const env = {
    ...rest,
    ...(settings.kafka && KAFKA_BROKERS ? { KAFKA_BROKERS } : {}),
    KAFKA_TOPIC: `access.${randomBytes(6).toString('hex')}`,
    DATABASE_URL: await freshDatabase(partners),
    LEDGER_CHECKPOINT_FILE: join(partners.dataDir, `checkpoint-${randomBytes(6).toString('hex')}`),
    PORT: '0',
    LOG_LEVEL: 'silent',
    ...settings.env,
  }
  const config = readConfig(env)
  const clock = settings.clock ?? (() => NOON)
  const level = { level: config.LOG_LEVEL }
  const log = settings.log ? pino(level, settings.log) : pino(level)
  const opened = await openHouse(config, { log, clock, env })
  const server = buildServer(opened.house, opened.readiness, opened.publishedLog)
  await server.listen({ host: '127.0.0.1', port: 0 })
  const url = `http://127.0.0.1:${(server.server.address() as AddressInfo).port}`
  const pool = openStore({ connectionString: config.DATABASE_URL, max: 2 })
  await opened.house.register.takeOver(registerFrom(register, 'northshire'), partners.issuer)

  const tokens = new Map<string, Promise<string>>()
  const token = (persona: string) => {
    const known = tokens.get(persona) ?? accessTokenFor({ ...partners, persona })
    tokens.set(persona, known)
    return known
  }
  const post = async (body: string, headers: Readonly<Record<string, string>> = {}): Promise<Reply> => {
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body,
    })
    const text = await response.text()
    return { status: response.status, headers: response.headers, text, body: JSON.parse(text) }
  }
  return {
    url,
    opened,
    pool,
    databaseUrl: config.DATABASE_URL,
    token,
    post,
    ask: async (persona, story, asking) =>
      post(questionAbout(story, asking), { authorization: `Bearer ${await token(persona)}` }),
    async close() {
      await server.close()
      await opened.close()
      await pool.end()
    },
  }
}

/** States by custodian. */
export const statesOf = (reply: Reply): Record<string, string> =>
  Object.fromEntries(
    reply.body.extensions.sightline.custodians.map((answer: { custodian: string; state: string }) => [
      answer.custodian,
      answer.state,
    ]),
  )

export const codeOf = (reply: Reply): string | undefined => reply.body.errors?.[0]?.extensions?.code
