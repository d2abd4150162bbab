/** What a test opens is closed after it, the last first. */
import { afterEach } from 'vitest'

/** @returns where each test puts what it opened; to be asked for once, at the top of a file */
export function closedAfterEach(): { close(): Promise<unknown> }[] {
  const open: { close(): Promise<unknown> }[] = []
  afterEach(async () => {
    for (const part of open.splice(0).reverse()) await part.close()
  })
  return open
}
