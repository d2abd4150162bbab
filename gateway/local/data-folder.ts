/**
 * What a local Sightline keeps between two starts: `.sightline/`, ignored by git. Secrets are made there once, on this
 * machine, in a file that only its owner can read. Refuses to reset a folder while a Sightline runs from it.
 */
import { randomBytes } from 'node:crypto'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { Refusal } from '../../schema/refusal.ts'
import { possibleDataDirs } from './postgres-home.ts'
import { newSigningKey, type SigningKey } from './signing-keys.ts'

/** Where each part keeps its things beneath the data folder. */
export const placesIn = (dataDir: string) => ({
  postgres: join(dataDir, 'postgres'),
  agenciesPostgres: join(dataDir, 'agencies-postgres'),
  agencies: join(dataDir, 'agencies'),
  kafka: join(dataDir, 'kafka'),
  identityProvider: join(dataDir, 'identity-provider'),
  logs: join(dataDir, 'logs'),
  secrets: join(dataDir, 'secrets.json'),
  running: join(dataDir, 'running.json'),
  register: join(dataDir, 'register.json'),
  gatewaySettings: join(dataDir, 'gateway-settings.json'),
  ledgerCheckpoint: join(dataDir, 'ledger-checkpoint'),
  witnesses: join(dataDir, 'witnesses'),
})

export interface Secrets {
  postgresPassword: string
  agenciesPostgresPassword: string
  /** 32 bytes in base64 */
  pseudonymKey: string
  /** 32 bytes in base64 */
  ledgerSigningKey: string
  pagesClientSecret: string
  /** by custodian: with it the gateway signs in to the custodian's server */
  clientKeys: Record<string, SigningKey>
}

/** What the command line needs to know of a Sightline that runs. Holds no secret. */
const Running = z.object({
  gatewayUrl: z.url(),
  issuer: z.url(),
  audience: z.string(),
  pid: z.number().int(),
  startedAt: z.iso.datetime(),
})
export type Running = z.infer<typeof Running>

export async function secretsIn(dataDir: string, custodiansWithKeys: readonly string[]): Promise<Secrets> {
  const { secrets: file } = placesIn(dataDir)
  const kept: Partial<Secrets> = JSON.parse(await readFile(file, 'utf8').catch(() => '{}'))
  const secrets: Secrets = {
    postgresPassword: kept.postgresPassword ?? randomBytes(24).toString('base64url'),
    agenciesPostgresPassword: kept.agenciesPostgresPassword ?? randomBytes(24).toString('base64url'),
    pseudonymKey: kept.pseudonymKey ?? randomBytes(32).toString('base64'),
    ledgerSigningKey: kept.ledgerSigningKey ?? randomBytes(32).toString('base64'),
    pagesClientSecret: kept.pagesClientSecret ?? randomBytes(32).toString('base64url'),
    clientKeys: { ...kept.clientKeys },
  }
  for (const custodian of custodiansWithKeys) secrets.clientKeys[custodian] ??= await newSigningKey()
  await mkdir(dataDir, { recursive: true })
  await writePrivately(file, secrets)
  return secrets
}

/** Written whole or not at all, and readable for its owner only. */
export async function writePrivately(file: string, content: unknown): Promise<void> {
  await writeFile(`${file}.new`, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 })
  await rename(`${file}.new`, file)
}

/** @returns undefined where nothing was started from this folder, or what was started no longer answers */
export async function runningIn(dataDir: string): Promise<Running | undefined> {
  const written = await readFile(placesIn(dataDir).running, 'utf8').catch(() => undefined)
  const read = Running.safeParse(written === undefined ? undefined : JSON.parse(written))
  if (!read.success) return undefined
  const answered = await fetch(read.data.gatewayUrl, { signal: AbortSignal.timeout(2_000) }).catch(
    () => undefined,
  )
  return answered && read.data
}

export async function refuseWhileRunning(dataDir: string): Promise<void> {
  const running = await runningIn(dataDir)
  if (!running) return
  throw new Refusal(
    'ALREADY_RUNNING',
    `a Sightline already runs from ${dataDir}, at ${running.gatewayUrl}; stop it first (process ${running.pid}), or set SIGHTLINE_DATA to another folder`,
  )
}

/** Removes what Sightline made in the folder, and nothing else that may lie there. */
export async function resetDataFolder(dataDir: string): Promise<void> {
  const { postgres, agenciesPostgres, ...others } = placesIn(dataDir)
  const folders = [...Object.values(others), ...[postgres, agenciesPostgres].flatMap(possibleDataDirs)]
  await Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true })))
}
