/** Starts the real parts once for all tests: PostgreSQL, Kafka, the identity provider and the agencies of Northshire. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { freePorts } from '../../gateway/local/ports.ts'
import { startStack } from '../../gateway/local/stack.ts'

export interface Partners {
  readonly gatewayEnv: Readonly<Record<string, string>>
  readonly issuer: string
  readonly audience: string
  readonly dataDir: string
  /** why there is no Kafka, where there is none */
  readonly kafkaMissing: string | null
}

declare module 'vitest' {
  export interface ProvidedContext {
    partners: Partners
  }
}

/** @returns the running parts, and what stops them and removes their data */
export async function startPartners({ kafka = true } = {}): Promise<{
  partners: Partners
  stop(): Promise<void>
}> {
  const dataDir = await mkdtemp(join(tmpdir(), 'sightline-test-'))
  const { DATABASE_URL, KAFKA_BROKERS, OIDC_ISSUER, ...env } = process.env
  const stack = await startStack({
    dataDir,
    ports: await freePorts(),
    kafka,
    gateway: false,
    env,
    children: 200,
    today: '2026-11-21',
    seed: 20261121,
    say: () => undefined,
  })
  const { gatewayEnv, issuer, audience, kafkaMissing = null } = stack
  return {
    partners: { gatewayEnv, issuer, audience, dataDir, kafkaMissing },
    async stop() {
      await stack.stop()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

export default async function setup(project: TestProject) {
  const { partners, stop } = await startPartners()
  project.provide('partners', partners)
  return stop
}
