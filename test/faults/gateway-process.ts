/** A gateway as it runs in service: a process of its own, which a fault can kill, and its callers over HTTP. */
import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readConfig } from '../../gateway/config.ts'
import type { NoteVerifier } from '../../gateway/ledger/tree/signed-note.ts'
import { startGateway } from '../../gateway/local/our-parts.ts'
import type { Part } from '../../gateway/local/part.ts'
import { PERSONAS } from '../../gateway/local/personas.ts'
import { northshireRegister } from '../../gateway/local/population/register.ts'
import { someFree } from '../../gateway/local/ports.ts'
import { accessTokenFor } from '../../gateway/local/sign-in.ts'
import { logSigner } from '../../gateway/log-signer.ts'
import { questionAbout, type Reply } from '../gateway-with.ts'
import type { Partners } from '../setup/partners.ts'

export interface GatewayProcess {
  readonly url: string
  readonly topic: string
  readonly brokers: readonly string[]
  /** of the log that this gateway signs */
  readonly log: NoteVerifier
  /** @throws where the connection broke before the whole answer was read */
  ask(story?: string): Promise<Reply>
  /** what a caller sends for it, for whoever reads the answer byte by byte */
  question(): Promise<{ body: string; authorization: string }>
  start(): Promise<void>
  stop(): Promise<void>
  /** SIGKILL: nothing is finished, nothing is said */
  kill(): Promise<void>
  /** what it wrote to its log since it was made */
  words(): Promise<string>
  end(): Promise<void>
}

/** Milliseconds; a caller who waits longer has met a hang, and no deadline. */
const PATIENCE = 20_000

export async function gatewayProcess(
  partners: Partners,
  databaseUrl: string,
  env: Readonly<Record<string, string>> = {},
): Promise<GatewayProcess> {
  const folder = await mkdtemp(join(tmpdir(), 'sightline-gateway-'))
  const [port = 0] = await someFree(1)
  const url = `http://127.0.0.1:${port}`
  const registerFile = join(folder, 'register.json')
  const logFile = join(folder, 'gateway.log')
  // the process goes by the clock of today
  const today = new Date().toISOString().slice(0, 10)
  await writeFile(registerFile, JSON.stringify(northshireRegister({ personas: PERSONAS, today })))
  const settings = {
    ...partners.gatewayEnv,
    DATABASE_URL: databaseUrl,
    REGISTER_FILE: registerFile,
    LEDGER_CHECKPOINT_FILE: join(folder, 'checkpoint'),
    LEDGER_DEADLINE_MS: '2000',
    KAFKA_TOPIC: `access.${randomBytes(6).toString('hex')}`,
    KAFKA_PARTITIONS: '3',
    PORT: String(port),
    ...env,
  }
  const config = readConfig(settings)
  const authorization = `Bearer ${await accessTokenFor({ ...partners, persona: 'lcpp' })}`
  let part: Part | undefined
  const start = async () => {
    part = await startGateway(url, { ...process.env, ...settings }, logFile)
  }
  return {
    url,
    topic: config.KAFKA_TOPIC,
    brokers: config.KAFKA_BROKERS,
    log: logSigner(config),
    start,
    async ask(story = 'all-four') {
      const response = await fetch(`${url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization },
        body: questionAbout(story),
        signal: AbortSignal.timeout(PATIENCE),
      })
      const text = await response.text()
      return { status: response.status, headers: response.headers, text, body: JSON.parse(text) }
    },
    question: async () => ({ body: questionAbout('all-four'), authorization }),
    stop: async () => part?.stop(),
    kill: async () => part?.kill(),
    words: () => readFile(logFile, 'utf8'),
    async end() {
      await part?.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
