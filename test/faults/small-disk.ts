/** A disk that is soon full: a file system in memory, which only root can mount. */
import { execFile } from 'node:child_process'
import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

export interface SmallDisk {
  readonly folder: string
  /** takes every byte that is left */
  fill(): Promise<void>
  /** gives them back */
  free(): Promise<void>
  unmount(): Promise<void>
}

/** @returns why there can be none, where this account may not mount */
export async function smallDisk(megabytes: number): Promise<SmallDisk | string> {
  const folder = await mkdtemp(join(tmpdir(), 'sightline-disk-'))
  try {
    await run('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'sightline-test', folder])
  } catch (error) {
    await rm(folder, { recursive: true, force: true })
    return `this account may not mount a small disk: ${(error as Error).message.trim()}`
  }
  const filler = join(folder, 'filler')
  return {
    folder,
    async fill() {
      const handle = await open(filler, 'a')
      try {
        for (let size = 1 << 20; size >= 512; size /= 2)
          while (await handle.write(Buffer.alloc(size)).then(Boolean, () => false));
      } finally {
        await handle.close()
      }
    },
    free: () => rm(filler, { force: true }),
    async unmount() {
      await run('umount', [folder])
      await rm(folder, { recursive: true, force: true })
    },
  }
}
