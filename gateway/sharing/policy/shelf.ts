/**
 * The bundles that were live, kept in PostgreSQL, and which of them stands. After a restart the gateway compares its
 * folder with what stood; years later a decision is explained by the bundle that made it. Nothing is ever removed.
 */
import type { Pool } from 'pg'
import { Refusal } from '../../../schema/refusal.ts'
import { inTransaction } from '../../access/transaction.ts'
import { type BundleFile, versionOf } from './bundle-files.ts'
import type { UsedApproval } from './manifest.ts'

export interface Shelved {
  readonly version: string
  readonly files: readonly BundleFile[]
  /** the last version that was approved: `version` itself, or one that it provably narrows */
  readonly approved: string
  readonly since: Date
}

export interface Step {
  readonly version: string
  readonly files: readonly BundleFile[]
  readonly approved: string
  /** those by which it goes live; none where it only narrows */
  readonly approvals: readonly UsedApproval[]
  /** what stood until now; null where nothing did */
  readonly replaces: string | null
}

export interface Shelf {
  /** Keeps a bundle for explaining, without letting it stand. */
  put(files: readonly BundleFile[], version: string): Promise<void>
  /** What stands; null where nothing ever did. */
  last(): Promise<Shelved | null>
  filesOf(version: string): Promise<readonly BundleFile[] | null>
  /** Approvals by which the bundle went live before. */
  approvalsUsed(version: string): Promise<readonly UsedApproval[]>
  /**
   * Lets a bundle stand in the place of another, and keeps it, in one step.
   * @returns false where another gateway was faster and something else stands now
   */
  markLive(step: Step): Promise<boolean>
}

const PUT = `
  insert into policy_bundle (version, files, approved) values ($1, $2, '[]') on conflict (version) do nothing`

const LAST = `
  select version, files, live.approved, since from policy_live live join policy_bundle using (version)`

const KEEP = `
  insert into policy_bundle (version, files, approved) values ($1, $2, $3)
  on conflict (version) do update set approved = policy_bundle.approved || excluded.approved`

const STAND = `
  insert into policy_live (version, approved, since) values ($1, $2, now())
  on conflict (one) do update set version = excluded.version, approved = excluded.approved, since = excluded.since`

export function openShelf(pool: Pool): Shelf {
  const filesOf = async (version: string) => {
    const { rows } = await pool.query<{ files: BundleFile[] }>(
      'select files from policy_bundle where version = $1',
      [version],
    )
    return rows[0] ? whole(version, rows[0].files) : null
  }
  return {
    filesOf,
    async put(files, version) {
      await pool.query(PUT, [version, JSON.stringify(files)])
    },
    async last() {
      const { rows } = await pool.query<Shelved>(LAST)
      return rows[0] ? { ...rows[0], files: whole(rows[0].version, rows[0].files) } : null
    },
    async approvalsUsed(version) {
      const { rows } = await pool.query<{ approved: UsedApproval[] }>(
        'select approved from policy_bundle where version = $1',
        [version],
      )
      return rows[0]?.approved ?? []
    },
    markLive: ({ version, files, approved, approvals, replaces }) =>
      inTransaction(pool, async (client) => {
        await client.query('lock table policy_live in exclusive mode') // readers are not kept waiting
        const { rows } = await client.query<{ version: string }>('select version from policy_live')
        const stands = rows[0]?.version ?? null
        if (stands === replaces) {
          await client.query(KEEP, [version, JSON.stringify(files), JSON.stringify(approvals)])
          await client.query(STAND, [version, approved])
        }
        return stands === replaces || stands === version
      }),
  }
}

/** A bundle whose files are not those of its version would explain a decision that nobody made. */
function whole(version: string, files: readonly BundleFile[]): readonly BundleFile[] {
  if (versionOf(files) === version) return files
  throw new Refusal(
    'POLICY_SHELF_DAMAGED',
    `the files kept for the bundle \`${version}\` are not its own; restore the table policy_bundle from a backup`,
  )
}

/** The same shelf, for whoever cannot wait: what takes longer is thrown as a fault, though it may still be done. */
export function answeringWithin(shelf: Shelf, deadlineMs: number): Shelf {
  const within = async <Answer>(question: Promise<Answer>): Promise<Answer> => {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, reject) => {
      const tooLate = () => reject(new Error('the shelf of policies did not answer in time'))
      timer = setTimeout(() => setImmediate(tooLate), deadlineMs) // an answer that is there already is read first
    })
    try {
      return await Promise.race([question, late])
    } finally {
      clearTimeout(timer)
    }
  }
  return {
    put: (files, version) => within(shelf.put(files, version)),
    last: () => within(shelf.last()),
    filesOf: (version) => within(shelf.filesOf(version)),
    approvalsUsed: (version) => within(shelf.approvalsUsed(version)),
    markLive: (step) => within(shelf.markLive(step)),
  }
}
