/**
 * A witness's folder, held by one process alone: two at work on one folder could cosign two different logs under one
 * key, and so hide a fork. The hold is a socket that listens, which the system closes however its process ends. Refuses
 * where another process holds the folder, and where it cannot be held at all.
 * @see docs/decisions/0027-a-witness-holds-its-folder-by-a-socket.md
 */
import { createHash, randomBytes } from 'node:crypto'
import { mkdir, readdir, realpath, rename, rm } from 'node:fs/promises'
import { connect, createServer, type Server } from 'node:net'
import { join, relative } from 'node:path'
import { Refusal } from '../../../schema/refusal.ts'

const holding = Symbol('made by holdFolder alone')

export interface HeldFolder {
  readonly path: string
  readonly [holding]: true
  /** for the next witness; a process that ends without it leaves nothing in the way */
  release(): Promise<void>
}

/**
 * @param path made where it does not exist
 * @throws Refusal WITNESS_FOLDER_HELD, WITNESS_FOLDER_UNFIT
 */
export async function holdFolder(path: string): Promise<HeldFolder> {
  await mkdir(path, { recursive: true, mode: 0o700 })
  const release = process.platform === 'win32' ? await holdPipe(path) : await holdSocket(path)
  return { path, [holding]: true, release }
}

/**
 * Each process shows a socket of its own before it looks for others. Of two that start at once at least one sees the
 * other: neither may go on then, never both. A name is used once, so that what nobody answers can be removed by anybody.
 */
async function holdSocket(folder: string): Promise<() => Promise<void>> {
  const name = randomBytes(6).toString('base64url')
  const [beside, shown] = [join(folder, `${name}.new`), join(folder, `${name}.held`)]
  // seen only once it listens: a socket that does not is one whose process has ended
  const server = await listenAt(reachable(beside), folder)
  const release = async () => {
    await rm(shown, { force: true })
    await closed(server)
  }
  try {
    await rename(beside, shown)
    for (const other of await readdir(folder)) {
      if (!other.endsWith('.held') || other === `${name}.held`) continue
      if (await isHeld(reachable(join(folder, other)))) throw heldAlready(folder)
      await rm(join(folder, other), { force: true })
    }
  } catch (error) {
    await release()
    throw error
  }
  return release
}

/** Windows has no sockets among its files; a pipe's first instance is its system's own way to be alone. */
async function holdPipe(folder: string): Promise<() => Promise<void>> {
  const name = createHash('sha256')
    .update((await realpath(folder)).toLowerCase())
    .digest('hex')
  const server = await listenAt(`\\\\.\\pipe\\sightline-witness-${name}`, folder)
  return () => closed(server)
}

/** Bytes that an address of a socket holds on every system that has them; Node cuts what is longer, without a word. */
const LONGEST_ADDRESS = 103

function reachable(file: string): string {
  const fromHere = relative(process.cwd(), file)
  const address = fromHere.length < file.length ? fromHere : file
  if (Buffer.byteLength(address) <= LONGEST_ADDRESS) return address
  throw new Refusal(
    'WITNESS_FOLDER_UNFIT',
    `\`${file}\` is too long a path for a socket; choose a shorter folder, or start from one that is nearer`,
  )
}

const heldAlready = (folder: string) =>
  new Refusal(
    'WITNESS_FOLDER_HELD',
    `another witness is at work on ${folder}; stop it before this one starts, or give this one a folder and a key of its own`,
  )

function listenAt(address: string, folder: string): Promise<Server> {
  const server = createServer((caller) => caller.destroy())
  return new Promise((resolve, reject) => {
    server.once('error', ({ code }: NodeJS.ErrnoException) =>
      reject(
        code === 'EADDRINUSE'
          ? heldAlready(folder)
          : new Refusal(
              'WITNESS_FOLDER_UNFIT',
              `${folder} cannot be held for one witness alone (${code}); choose one on a disk of this machine that takes sockets`,
            ),
      ),
    )
    server.listen(address, () => resolve(server.unref()))
  })
}

const closed = (server: Server): Promise<void> => new Promise((resolve) => void server.close(() => resolve()))

/** Any doubt holds: only a socket that nobody listens at, or that is gone, is free. */
function isHeld(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const caller = connect(address)
    caller.once('connect', () => {
      caller.destroy()
      resolve(true)
    })
    caller.once('error', ({ code }: NodeJS.ErrnoException) =>
      resolve(code !== 'ECONNREFUSED' && code !== 'ENOENT'),
    )
  })
}
