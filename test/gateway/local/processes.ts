/** Looks at processes from outside, by their id. */
import { readFile } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'

/** A process that has ended but was not yet collected by its parent does not run. */
export async function isRunning(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0)
  } catch {
    return false
  }
  const state = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  return !/\) Z /.test(state)
}

/** @returns false where it still runs after `patience` milliseconds */
export async function hasEnded(pid: number, patience = 10_000): Promise<boolean> {
  const deadline = Date.now() + patience
  while (await isRunning(pid)) {
    if (Date.now() > deadline) return false
    await pause(20)
  }
  return true
}
