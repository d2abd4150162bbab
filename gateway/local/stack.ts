/**
 * The whole of Sightline on one machine: stores, broker, identity provider, agencies and gateway, each a process of
 * its own on 127.0.0.1. `npm start` and the tests bring it up by this one wiring. Where one part fails to start, all stop.
 */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { noteSigner } from '../ledger/tree/signed-note.ts'
import { childrenIn, foldersOfDfeFiles, readDfeFolders } from './agencies/dfe.ts'
import { startAgencies } from './agencies/start.ts'
import { placesIn, secretsIn, writePrivately } from './data-folder.ts'
import { type LocalKafka, startKafka } from './kafka.ts'
import { installKafka, kafkaCacheDir, missingForKafka } from './kafka-install.ts'
import { startGateway, startIdentityProviderPart } from './our-parts.ts'
import type { Part } from './part.ts'
import { PERSONAS } from './personas.ts'
import { northshireRegister } from './population/register.ts'
import type { LocalPorts } from './ports.ts'
import { type LocalPostgres, startPostgres } from './postgres.ts'
import { CUSTODIANS_WITH_KEYS, serviceClientSettings, serviceClients } from './service-clients.ts'
import { GATEWAY_AUDIENCE } from './sign-in.ts'
import { type LocalWitnesses, startWitnesses } from './witnesses.ts'

export interface StackOptions {
  dataDir: string
  ports: LocalPorts
  /** false leaves Kafka out; true starts it where this machine can */
  kafka: boolean
  /** false where the caller starts a gateway of its own with `gatewayEnv`; its log has then no witnesses */
  gateway: boolean
  /** inherited by the gateway. DATABASE_URL, KAFKA_BROKERS and OIDC_ISSUER in it stand for parts that run elsewhere */
  env: NodeJS.ProcessEnv
  /** further folders of custodians */
  custodians?: readonly string[]
  /** how many children the invented population has, and the seed it grows from */
  children: number
  seed: number
  /** ISO date on which the invented population stands still, and from which the register's periods are set */
  today: string
  /** told what happens, for a person who waits */
  say: (words: string) => void
}

export interface Stack {
  readonly gatewayUrl: string
  /** of people's tokens */
  readonly issuer: string
  readonly audience: string
  /** every setting with which the gateway starts */
  readonly gatewayEnv: Readonly<Record<string, string>>
  /** undefined where DATABASE_URL was set */
  readonly postgres: LocalPostgres | undefined
  readonly agenciesPostgres: LocalPostgres
  readonly kafka: LocalKafka | undefined
  /** why Kafka does not run although it was wanted, in words */
  readonly kafkaMissing: string | undefined
  readonly gateway: Part | undefined
  stop(): Promise<void>
}

/** A second audience that the local identity provider knows: a token for it must open nothing here. */
export const OTHER_AUDIENCE = 'https://another-service.northshire.example'

const GATEWAY_DATABASE = 'sightline'

export async function startStack(options: StackOptions): Promise<Stack> {
  const { dataDir, ports, env } = options
  const places = placesIn(dataDir)
  await mkdir(places.logs, { recursive: true })
  const secrets = await secretsIn(dataDir, CUSTODIANS_WITH_KEYS)
  const logFile = (part: string) => join(places.logs, `${part}.log`)
  const localIssuer = `http://127.0.0.1:${ports.identityProvider}`
  const issuer = env.OIDC_ISSUER || localIssuer
  const audience = env.OIDC_AUDIENCE || GATEWAY_AUDIENCE
  const gatewayUrl = `http://127.0.0.1:${ports.gateway}`
  const say = timed(options.say)

  const up: Partial<{
    postgres: LocalPostgres
    agenciesPostgres: LocalPostgres
    agencies: Awaited<ReturnType<typeof startAgencies>>
    identityProvider: Part
    kafka: LocalKafka
    kafkaMissing: string
    witnesses: LocalWitnesses
    gateway: Part
  }> = {}
  // Those who ask stop before those who are asked.
  const stop = async () => {
    await up.gateway?.stop()
    await Promise.all([
      up.agencies?.stop(),
      up.identityProvider?.stop(),
      up.kafka?.stop(),
      up.witnesses?.stop(),
    ])
    await Promise.all([up.postgres?.stop(), up.agenciesPostgres?.stop()])
  }

  const dfeFolders = await foldersOfDfeFiles(options.custodians ?? [])
  const others = childrenIn(await readDfeFolders(dfeFolders))
  await writePrivately(
    places.register,
    northshireRegister({ personas: PERSONAS, today: options.today, others }),
  )

  const store = async () => {
    if (env.DATABASE_URL) return
    up.postgres = await startPostgres({
      name: 'PostgreSQL for the ledger',
      dataDir: places.postgres,
      port: ports.postgres,
      password: secrets.postgresPassword,
      logFile: logFile('postgres'),
    })
    await up.postgres.createDatabase(GATEWAY_DATABASE)
    say('PostgreSQL is ready for ledger and register')
  }
  const agencies = async () => {
    up.agenciesPostgres = await startPostgres({
      name: 'PostgreSQL for the agencies',
      dataDir: places.agenciesPostgres,
      port: ports.agenciesPostgres,
      password: secrets.agenciesPostgresPassword,
      logFile: logFile('agencies-postgres'),
    })
    up.agencies = await startAgencies({
      dataDir: places.agencies,
      agenciesPostgres: up.agenciesPostgres,
      issuer: localIssuer,
      ports: ports.agencies,
      seed: options.seed,
      children: options.children,
      today: options.today,
      dfeFolders,
      apart: true,
    })
    say('the agencies of Northshire are ready')
  }
  const identityProvider = async () => {
    up.identityProvider = await startIdentityProviderPart({
      file: join(places.identityProvider, 'options.json'),
      logFile: logFile('identity-provider'),
      issuer: localIssuer,
      options: {
        dataDir: places.identityProvider,
        port: ports.identityProvider,
        audiences: [audience, OTHER_AUDIENCE],
        services: serviceClients(secrets.clientKeys),
        pages: {
          clientId: 'sightline-pages',
          secret: secrets.pagesClientSecret,
          redirectUris: [`${gatewayUrl}/signed-in`],
          signedOutUris: [`${gatewayUrl}/`],
        },
      },
    })
    say('the identity provider is ready')
  }
  const broker = async () => {
    if (!options.kafka || env.KAFKA_BROKERS) return
    const cache = kafkaCacheDir(env)
    const missing = await missingForKafka(cache)
    if (missing) {
      up.kafkaMissing = missing
      return say(`Kafka is left out (missing: ${missing}); accesses wait in the outbox`)
    }
    up.kafka = await startKafka({
      jars: await installKafka(cache, say),
      dataDir: places.kafka,
      port: ports.kafka,
      controllerPort: ports.kafkaController,
      logFile: logFile('kafka'),
    })
    say('Kafka is ready')
  }
  const witnesses = async () => {
    if (!options.gateway || env.LEDGER_WITNESSES) return
    const partnership = env.PARTNERSHIP || 'northshire'
    up.witnesses = await startWitnesses({
      folder: places.witnesses,
      logs: places.logs,
      log: noteSigner(
        'log',
        env.LEDGER_ORIGIN || `${partnership}.sightline`,
        Buffer.from(env.LEDGER_SIGNING_KEY || secrets.ledgerSigningKey, 'base64'),
      ),
      ports: ports.witnesses,
    })
    say('the witnesses of police and council are ready')
  }

  try {
    await allOrFirstFailure([store(), agencies(), identityProvider(), broker(), witnesses()])
    const { postgres, agenciesPostgres, kafka } = up
    if (!agenciesPostgres) throw new Error('the agencies have no PostgreSQL')
    const gatewayEnv: Record<string, string> = {
      ...up.agencies?.env,
      ...serviceClientSettings(localIssuer, secrets.clientKeys),
      ...(postgres ? { DATABASE_URL: postgres.url(GATEWAY_DATABASE) } : {}),
      ...(kafka ? { KAFKA_BROKERS: kafka.brokers.join(','), KAFKA_REPLICATION: '1' } : {}),
      ...(options.custodians?.length ? { CUSTODIANS_DIRS: options.custodians.join(':') } : {}),
      REGISTER_FILE: env.REGISTER_FILE || places.register,
      OIDC_ISSUER: issuer,
      OIDC_AUDIENCE: audience,
      PSEUDONYM_KEY: env.PSEUDONYM_KEY || secrets.pseudonymKey,
      LEDGER_SIGNING_KEY: env.LEDGER_SIGNING_KEY || secrets.ledgerSigningKey,
      LEDGER_CHECKPOINT_FILE: env.LEDGER_CHECKPOINT_FILE || places.ledgerCheckpoint,
      ...(up.witnesses ? { LEDGER_WITNESSES: up.witnesses.setting } : {}),
      HOST: '127.0.0.1',
      PORT: String(ports.gateway),
    }
    await writePrivately(places.gatewaySettings, gatewayEnv)
    if (options.gateway) {
      up.gateway = await startGateway(gatewayUrl, { ...env, ...gatewayEnv }, logFile('gateway'))
      say('the gateway is ready')
    }
    const { kafkaMissing, gateway } = up
    return {
      gatewayUrl,
      issuer,
      audience,
      gatewayEnv,
      postgres,
      agenciesPostgres,
      kafka,
      kafkaMissing,
      gateway,
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

/** Waits for all, so that nothing starts behind the back of a stop. */
async function allOrFirstFailure(tasks: Promise<void>[]): Promise<void> {
  const failed = (await Promise.allSettled(tasks)).find(({ status }) => status === 'rejected')
  if (failed?.status === 'rejected') throw failed.reason
}

function timed(say: (words: string) => void): (words: string) => void {
  const start = Date.now()
  return (words) => say(`${((Date.now() - start) / 1000).toFixed(1).padStart(5)} s  ${words}`)
}
