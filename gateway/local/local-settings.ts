/** The settings of a local Sightline, read once. A wrong one stops the start; all are named at once. */
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { Refusal } from '../../schema/refusal.ts'
import { inPlainWords } from '../config.ts'
import { DEFAULT_CHILDREN } from './population/population.ts'
import { AGENCY_PORTS, type LocalPorts, WITNESS_PORTS } from './ports.ts'

export const PROJECT_DIR = fileURLToPath(new URL('../..', import.meta.url))

const port = z.coerce.number().int().min(1).max(65_535)

const Settings = z.object({
  SIGHTLINE_DATA: z.string().default(resolve(PROJECT_DIR, '.sightline')),
  PORT: port.default(4000),
  IDENTITY_PROVIDER_PORT: port.default(4001),
  AGENCIES_PORT: port.max(65_535 - AGENCY_PORTS).default(4010),
  POSTGRES_PORT: port.default(4050),
  AGENCIES_POSTGRES_PORT: port.default(4051),
  KAFKA_PORT: port.default(4060),
  KAFKA_CONTROLLER_PORT: port.default(4061),
  WITNESSES_PORT: port.max(65_535 - WITNESS_PORTS).default(4070),
  POPULATION_CHILDREN: z.coerce.number().int().min(500).max(1_000_000).default(DEFAULT_CHILDREN),
  POPULATION_SEED: z.coerce.number().int().min(0).default(1),
})

export interface LocalSettings {
  dataDir: string
  ports: LocalPorts
  /** how many children the invented population has */
  children: number
  seed: number
}

export function readLocalSettings(env: NodeJS.ProcessEnv): LocalSettings {
  const set = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''))
  const read = Settings.safeParse(set, { error: inPlainWords })
  if (!read.success) {
    const faults = read.error.issues.map((issue) => `  ${String(issue.path[0])} ${issue.message}`)
    throw new Refusal(
      'SETTINGS_WRONG',
      `Sightline does not start; mend these settings:\n${faults.join('\n')}`,
    )
  }
  const { data } = read
  return {
    dataDir: resolve(data.SIGHTLINE_DATA),
    children: data.POPULATION_CHILDREN,
    seed: data.POPULATION_SEED,
    ports: {
      gateway: data.PORT,
      identityProvider: data.IDENTITY_PROVIDER_PORT,
      agencies: Array.from({ length: AGENCY_PORTS }, (_, index) => data.AGENCIES_PORT + index),
      postgres: data.POSTGRES_PORT,
      agenciesPostgres: data.AGENCIES_POSTGRES_PORT,
      kafka: data.KAFKA_PORT,
      kafkaController: data.KAFKA_CONTROLLER_PORT,
      witnesses: Array.from({ length: WITNESS_PORTS }, (_, index) => data.WITNESSES_PORT + index),
    },
  }
}

/** The ports that will be listened on, with the setting that moves each: not those of parts that run elsewhere. */
export function portsInUse(
  { ports }: LocalSettings,
  env: NodeJS.ProcessEnv,
): { port: number; setting: string }[] {
  return [
    { port: ports.gateway, setting: 'PORT' },
    ...ports.agencies.map((port) => ({ port, setting: 'AGENCIES_PORT' })),
    { port: ports.agenciesPostgres, setting: 'AGENCIES_POSTGRES_PORT' },
    ...(env.LEDGER_WITNESSES ? [] : ports.witnesses.map((port) => ({ port, setting: 'WITNESSES_PORT' }))),
    ...(env.OIDC_ISSUER ? [] : [{ port: ports.identityProvider, setting: 'IDENTITY_PROVIDER_PORT' }]),
    ...(env.DATABASE_URL ? [] : [{ port: ports.postgres, setting: 'POSTGRES_PORT' }]),
    ...(env.KAFKA_BROKERS
      ? []
      : [
          { port: ports.kafka, setting: 'KAFKA_PORT' },
          { port: ports.kafkaController, setting: 'KAFKA_CONTROLLER_PORT' },
        ]),
  ]
}
