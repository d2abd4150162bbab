/**
 * Cedar itself in a thread of its own, since it takes milliseconds for what the compiled policies do in microseconds.
 * Gives no decision rather than a late one; a thread that hangs or dies is replaced.
 */
import { Worker } from 'node:worker_threads'
import type { PolicyBundle } from './bundle.ts'
import type { Decision, PolicyRequest } from './decide.ts'

export interface CedarThread {
  /** @returns one decision for each request, in their order; null where they did not come in time */
  decide(bundle: CedarSource, requests: readonly PolicyRequest[]): Promise<readonly Decision[] | null>
  close(): Promise<void>
}

export interface CedarThreadOptions {
  /** milliseconds for one call; the start of a thread that replaces another counts */
  readonly deadlineMs: number
  /** told of an error that ended a thread */
  readonly onDeath: (error: Error) => void
  /** a test hands over a thread that hangs or dies */
  readonly start?: () => Worker
}

/** What Cedar is given of a bundle; one with the same version is taken to be the same. */
export type CedarSource = Pick<PolicyBundle, 'version' | 'schemaText'> & {
  readonly policies: ReadonlyMap<string, { readonly text: string }>
}

/** What the thread is sent. It is not told what was decided, so it cannot agree by copying. */
export interface Consultation {
  readonly number: number
  /** null where the thread has it already */
  readonly bundle: CedarSource | null
  readonly requests: readonly PolicyRequest[]
  /** milliseconds since 1970 after which nobody waits any more */
  readonly until: number
}

export interface Opinion {
  /** 0 says only that the thread is ready */
  readonly number: number
  readonly decisions: readonly Decision[]
}

/** A thread and what is known of it. */
interface Running {
  readonly worker: Worker
  /** false where it ended first */
  readonly started: Promise<boolean>
  ready: boolean
  /** by `performance.now()`: when it last said something, or by when it must have started */
  heardAt: number
  /** of the bundle that it was sent last */
  version: string | null
  readonly waiting: Map<number, (decisions: readonly Decision[] | null) => void>
}

const START_WITHIN = 30_000 // milliseconds, on a machine that starts everything else at the same time

/**
 * @returns once the thread can be asked
 * @throws Error where it does not start
 */
export async function openCedarThread({
  deadlineMs,
  onDeath,
  start = startThread,
}: CedarThreadOptions): Promise<CedarThread> {
  let closed = false
  let last = 0
  let current: Running | null = null

  const begin = (): Running => {
    const worker = start()
    const waiting: Running['waiting'] = new Map()
    const running: Running = {
      worker,
      started: new Promise((resolve) => {
        worker.once('message', () => resolve(true))
        worker.once('exit', () => resolve(false))
      }),
      ready: false,
      heardAt: performance.now() + START_WITHIN,
      version: null,
      waiting,
    }
    worker.on('message', ({ number, decisions }: Opinion) => {
      running.ready = true
      worker.unref()
      running.heardAt = performance.now()
      waiting.get(number)?.(decisions)
    })
    const gone = () => {
      for (const give of waiting.values()) give(null)
      // one that could not even start is tried again with the next question, not over and over
      if (current === running) current = running.ready && !closed ? begin() : null
    }
    worker.once('error', (error) => {
      onDeath(error)
      gone()
    })
    worker.once('exit', gone)
    return running
  }
  current = begin()
  if (!(await current.started)) throw new Error('the thread in which Cedar decides does not start')

  return {
    async decide(bundle, requests) {
      if (closed) return null
      current ??= begin()
      const running = current
      const askedAt = performance.now()
      last += 1
      const number = last
      running.worker.postMessage({
        number,
        bundle: running.version === bundle.version ? null : sourceOf(bundle),
        requests,
        until: Date.now() + deadlineMs,
      } satisfies Consultation)
      running.version = bundle.version
      return new Promise((resolve) => {
        const give = (decisions: readonly Decision[] | null) => {
          clearTimeout(timer)
          running.waiting.delete(number)
          resolve(decisions?.length === requests.length ? decisions : null)
        }
        const timer = setTimeout(() => {
          give(null)
          // one that answers others meanwhile is only busy
          if (running.heardAt < askedAt) void running.worker.terminate()
        }, deadlineMs)
        running.waiting.set(number, give)
      })
    },
    async close() {
      closed = true
      await current?.worker.terminate()
    },
  }
}

const sourceOf = ({ version, schemaText, policies }: CedarSource): CedarSource => ({
  version,
  schemaText,
  policies: new Map([...policies].map(([id, { text }]) => [id, { text }])),
})

/** Without the options of this program, so that it starts alike from whatever loader this runs under. */
const startThread = (): Worker =>
  new Worker(new URL('cedar-thread-start.js', import.meta.url), { execArgv: [] })
