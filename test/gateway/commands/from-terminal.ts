/** Runs `sightline` as from a terminal: a process of its own, with what a person would type, and what she would read. */
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'

const COMMAND = fileURLToPath(new URL('../../../gateway/commands/sightline.js', import.meta.url))

export interface Printed {
  /** -1 where a signal ended it */
  readonly code: number
  readonly out: string
  readonly err: string
}

/** @param typed the lines that she types, the last one with its return key */
export async function sightline(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  typed = '',
): Promise<Printed> {
  const { PATH = '', HOME = '' } = process.env
  const child = spawn(process.execPath, [COMMAND, ...args], { env: { PATH, HOME, ...env } })
  // a command that asks nothing may have ended by then
  child.stdin.on('error', () => undefined)
  child.stdin.end(typed)
  const ended = new Promise<number>((resolve) => void child.once('close', (code) => resolve(code ?? -1)))
  const [out, err, code] = await Promise.all([text(child.stdout), text(child.stderr), ended])
  return { code, out, err }
}

const secret = () => randomBytes(32).toString('base64')

/** The settings of a gateway whose store is this one, as its operator has them in the environment. */
export const operatorEnv = (databaseUrl: string, pseudonymKey = secret()): Record<string, string> => ({
  DATABASE_URL: databaseUrl,
  OIDC_ISSUER: 'https://identity.example',
  OIDC_AUDIENCE: 'sightline',
  PSEUDONYM_KEY: pseudonymKey,
  LEDGER_SIGNING_KEY: secret(),
  LEDGER_CHECKPOINT_FILE: 'checkpoint',
  CUSTODIAN_DEADLINE_MS: '50',
  LEDGER_DEADLINE_MS: '5000',
})
