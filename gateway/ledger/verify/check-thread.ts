/** Shares a check among threads, one for each core. What one finds is handed over in the order of the log. */
import { availableParallelism } from 'node:os'
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
  | { readonly number: number; readonly found: Found[keyof Found] }
  | { readonly number: number; readonly failed: string }

/** @param count 0 for none but this one; default: one for each core */
export function openThreads(count = availableParallelism()): Threads {
  const workers = Array.from({ length: count }, openWorker)
  let next = 0
  const run = (share: Share): Promise<Found[keyof Found]> => {
    const worker = workers[next++ % Math.max(workers.length, 1)]
    return worker ? worker.ask(share) : doShare(share)
  }
  return {
    async *inOrder(kind, shares) {
      const under: Promise<Found[keyof Found]>[] = []
      for (const of of shares) {
        const found = run({ kind, of } as Share)
        found.catch(() => undefined) // told where it is waited for
        under.push(found)
        if (under.length > 2 * workers.length) yield (await under.shift()) as Found[typeof kind]
      }
      for (const found of under) yield (await found) as Found[typeof kind]
    },
    async close() {
      await Promise.all(workers.map((each) => each.close()))
    },
  }
}

function openWorker() {
  const worker = new Worker(new URL('./check-thread-start.js', import.meta.url))
  const waiting = new Map<number, { resolve(found: Found[keyof Found]): void; reject(error: Error): void }>()
  let number = 0
  worker.on('message', (told: Told) => {
    const asked = waiting.get(told.number)
    waiting.delete(told.number)
    if ('found' in told) asked?.resolve(told.found)
    else asked?.reject(new Error(told.failed))
  })
  worker.on('error', (error) => {
    for (const asked of waiting.values()) asked.reject(error)
    waiting.clear()
  })
  return {
    ask: (share: Share) =>
      new Promise<Found[keyof Found]>((resolve, reject) => {
        waiting.set(++number, { resolve, reject })
        worker.postMessage({ number, share } satisfies Asked)
      }),
    close: () => worker.terminate(),
  }
}
