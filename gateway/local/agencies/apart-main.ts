/** The process that `apart.ts` starts. Ends when its parent lets go of it. */
import type { Told } from './apart.ts'
import { type Systems, startSystems } from './systems.ts'
import type { SystemsPlan } from './systems-plan.ts'

const tell = (told: Told) => {
  if (process.connected) process.send?.(told)
}

let systems: Promise<Systems> | null = null

process.once('message', (plan: SystemsPlan) => {
  systems = startSystems(plan, (custodian, entry) => tell({ kind: 'asked', custodian, entry }))
  systems.then(
    ({ env, custodians }) => tell({ kind: 'ready', env, custodians }),
    (error: unknown) => {
      tell({ kind: 'failed', why: error instanceof Error ? error.message : String(error) })
      process.disconnect()
    },
  )
})

process.once('disconnect', () => {
  const ended = systems?.then(({ stop }) => stop()) ?? Promise.resolve()
  ended.finally(() => process.exit(0)).catch(() => undefined)
})

// Ctrl-C reaches the whole group; the parent ends us in its own order.
process.on('SIGINT', () => undefined)
