/**
 * Shares a check among threads, one for each core, of which this is one: it works while the others start. What one finds
 * is handed over in the order of the log. Refuses to go on without a thread that failed.
 */
import { availableParallelism } from 'node:os'
import { setImmediate as othersTold } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { type CheckedLines, checkLines, rootBetween, type Stretch } from './check.ts'
import { type CheckedTiles, checkTiles, type TileRange } from './check-tiles.ts'

/** One share, by what is to be done. */
export type Share =
  | { readonly kind: 'lines'; readonly of: Stretch }
  | { readonly kind: 'root'; readonly of: Stretch }
  | { readonly kind: 'tiles'; readonly of: TileRange }

export interface Found {
  readonly lines: CheckedLines
  readonly root: Uint8Array
  readonly tiles: CheckedTiles
}

export const doShare = async ({ kind, of }: Share): Promise<Found[keyof Found]> =>
  kind === 'lines' ? checkLines(of) : kind === 'root' ? rootBetween(of) : await checkTiles(of)

export interface Threads {
  /** @returns what was found in each share, in their order. @throws what a share threw, by its message */
  inOrder<Kind extends Share['kind']>(
    kind: Kind,
    shares: Iterable<Extract<Share, { kind: Kind }>['of']>,
  ): AsyncGenerator<Found[Kind]>
  close(): Promise<void>
}

export interface Asked {
  readonly number: number
  readonly share: Share
}
export type Told =
  | { readonly ready: true }
  | { readonly number: number; readonly found: Found[keyof Found] }
  | { readonly number: number; readonly failed: string }

const AHEAD = 2 // shares that another thread is given at once, so that it need not wait for this one
const UNDER_WAY = 16 // shares, for each thread: what one of them finds may have to wait for another's

/** @param count with this one; default: one for each core */
export function openThreads(count = availableParallelism()): Threads {
  const others = Array.from({ length: Math.max(count - 1, 0) }, openThread)
  return {
    async *inOrder(kind, shares) {
      const under: Promise<Found[keyof Found]>[] = []
      for (const of of shares) {
        const share = { kind, of } as Share
        const free = others.find((each) => each.free())
        const found = free ? free.ask(share) : doShare(share)
        found.catch(() => undefined) // told where it is waited for
        under.push(found)
        if (!free) await Promise.allSettled([found, othersTold()])
        if (under.length > UNDER_WAY * others.length) yield (await under.shift()) as Found[typeof kind]
      }
      for (const found of under) yield (await found) as Found[typeof kind]
    },
    async close() {
      await Promise.all(others.map((each) => each.close()))
    },
  }
}

/** Another thread. What it is asked before it is ready waits until it is. */
export function openThread() {
  const worker = new Worker(new URL('./check-thread-start.js', import.meta.url))
  const waiting = new Map<number, { resolve(found: Found[keyof Found]): void; reject(error: Error): void }>()
  let [number, ready] = [0, false]
  let failed: Error | null = null
  worker.on('message', (told: Told) => {
    if ('ready' in told) {
      ready = true
      return
    }
    const asked = waiting.get(told.number)
    waiting.delete(told.number)
    if ('found' in told) asked?.resolve(told.found)
    else asked?.reject(new Error(told.failed))
  })
  worker.on('error', (error) => {
    failed = error
    for (const asked of waiting.values()) asked.reject(error)
    waiting.clear()
  })
  return {
    free: () => failed !== null || (ready && waiting.size < AHEAD),
    ask: (share: Share) =>
      new Promise<Found[keyof Found]>((resolve, reject) => {
        if (failed) return reject(failed)
        waiting.set(++number, { resolve, reject })
        worker.postMessage({ number, share } satisfies Asked)
      }),
    close: () => worker.terminate(),
  }
}
