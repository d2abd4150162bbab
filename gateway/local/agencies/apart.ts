/** The agencies' systems in a process of their own. It ends when its parent does, however the parent ends. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { runTypeScript } from '../part.ts'
import type { AccessEntry } from './access-log.ts'
import type { Systems } from './systems.ts'
import type { SystemsPlan } from './systems-plan.ts'

/** What the process tells its parent. */
export type Told =
  | { readonly kind: 'ready'; readonly env: Systems['env']; readonly custodians: readonly string[] }
  | { readonly kind: 'failed'; readonly why: string }
  | { readonly kind: 'asked'; readonly custodian: string; readonly entry: AccessEntry }

export async function startApart(
  plan: SystemsPlan,
  note: (custodian: string, entry: AccessEntry) => void,
): Promise<Systems> {
  const child = fork(fileURLToPath(new URL('apart-main.ts', import.meta.url)), [], {
    execArgv: runTypeScript(),
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const ended = once(child, 'exit')
  const ready = new Promise<Extract<Told, { kind: 'ready' }>>((resolve, reject) => {
    child.on('message', (told: Told) => {
      if (told.kind === 'asked') note(told.custodian, told.entry)
      else if (told.kind === 'ready') resolve(told)
      else reject(new Error(told.why))
    })
    ended.then(() => reject(new Error('the agencies ended before they were ready')), reject)
  })
  child.send(plan)
  const { env, custodians } = await ready
  return {
    env,
    custodians,
    async stop() {
      if (child.connected) child.disconnect()
      await ended
    },
  }
}
