/** A fault is anything that is no refusal. It is logged with an id and masked: its words may hold a child's details. */
import { randomUUID } from 'node:crypto'
import type { Logger } from 'pino'
import { Refusal } from '../schema/refusal.ts'
import { isStoreAway } from './store-away.ts'

/** Where it happened and of what kind, never its message. */
export function maskedFault(error: unknown) {
  if (!(error instanceof Error)) return { name: typeof error }
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line))
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined
  return { name: error.name, code, frames: frames.slice(0, 12).map((line) => line.trim()) }
}

/**
 * @returns what the reader is told: a refusal as it is, a store that is away as such, any other fault as its id
 */
export function refusalOf(error: unknown, log: Logger): Refusal {
  if (error instanceof Refusal) return error
  const id = randomUUID()
  log.error({ fault: id, ...maskedFault(error) }, 'fault')
  if (isStoreAway(error))
    return new Refusal(
      'STORE_UNAVAILABLE',
      'our own store does not answer, so nothing is shown; try again shortly, and if the child is in danger now ring the agencies',
    )
  return new Refusal(
    'FAULT',
    `something failed on our side and nothing was shown; try again, and if it stays so quote fault \`${id}\``,
  )
}
