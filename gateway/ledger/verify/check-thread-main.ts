/** A thread that checks: does its share of a log, one after the other. */
import { parentPort } from 'node:worker_threads'
import { type Asked, doShare, type Told } from './check-thread.ts'

const tell = (told: Told) => parentPort?.postMessage(told)

parentPort?.on('message', async ({ number, share }: Asked) => {
  try {
    tell({ number, found: await doShare(share) })
  } catch (error) {
    tell({ number, failed: error instanceof Error ? error.message : String(error) })
  }
})
tell({ ready: true })
