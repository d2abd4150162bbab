/**
 * Signs the log: takes in the records that have a place, and stores the tiles that become whole with a checkpoint over
 * all, in one transaction. The last checkpoint is kept outside the database as well. Refuses to sign where what is
 * stored does not lead to the checkpoint that was signed before, and where the next one could not be kept.
 */
import { readFile } from 'node:fs/promises'
import type { Client } from 'pg'
import { Refusal } from '../../../schema/refusal.ts'
import { tryToWrite, writeDurably } from '../durable-file.ts'
import { type Checkpoint, type OpenedCheckpoint, openCheckpoint, signCheckpoint } from './checkpoint.ts'
import type { WholeTile } from './growing-tree.ts'
import type { Hash } from './merkle.ts'
import type { NoteSigner } from './signed-note.ts'
import { leavesBetween, TreeIncomplete, treeAt } from './stored-tree.ts'
import { leafOf } from './tile.ts'

export interface PublisherSettings {
  readonly client: Client
  /** its name is the origin of the log */
  readonly signer: NoteSigner
  readonly clock: () => Date
  /** where the last checkpoint is kept besides, on a disk that is restored by itself */
  readonly file: string
}

export interface Publisher {
  /**
   * @returns how many records were taken in, at most 5,000; a checkpoint covers them when it returns
   * @throws where the outcome is not certain; open another publisher then
   */
  publish(): Promise<number>
  readonly last: Checkpoint
}

const AT_ONCE = 5_000 // records: about 50 ms of hashing

const noteIn = async (client: Client): Promise<string | null> =>
  (await client.query<{ note: string }>('SELECT note FROM log_checkpoint')).rows[0]?.note ?? null

const noteOutside = (file: string): Promise<string | null> =>
  readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw notKept(file, error)
  })

/** @param note null before the first checkpoint: whether one could be kept is found out all the same */
async function keepOutside(file: string, note: string | null): Promise<void> {
  const kept = note === null ? tryToWrite(file) : writeDurably(file, note)
  await kept.catch((error: NodeJS.ErrnoException) => {
    throw notKept(file, error)
  })
}

/** @throws Refusal LEDGER_ALTERED where it is none that this log's key signed */
function ownCheckpoint(note: string, signer: NoteSigner, where: string): OpenedCheckpoint {
  try {
    return openCheckpoint(note, signer)
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    throw new Refusal(
      'LEDGER_ALTERED',
      `the checkpoint ${where} is none that \`${signer.name}\` signed with this key (${error.code}): it was changed, or LEDGER_SIGNING_KEY or LEDGER_ORIGIN was; find out which before the gateway starts`,
    )
  }
}

/**
 * @throws Refusal LEDGER_ROLLED_BACK where the database is older than the checkpoint outside, LEDGER_ALTERED where its
 *   records do not lead to a checkpoint that was signed, CHECKPOINT_NOT_KEPT where none can be kept outside
 */
export async function openPublisher({ client, signer, clock, file }: PublisherSettings): Promise<Publisher> {
  const inside = await noteIn(client)
  const signed = inside === null ? null : ownCheckpoint(inside, signer, 'in the database')
  const tree = await grown(signed?.size ?? 0)
  if (signed && !tree.root().equals(signed.root)) throw altered(signed.size)
  const outside = await noteOutside(file)
  if (outside !== null) await refuseFork(ownCheckpoint(outside, signer, `in \`${file}\``))
  let last: Checkpoint = { origin: signer.name, size: tree.size, root: tree.root() }
  await keepOutside(file, inside)

  async function grown(size: number) {
    try {
      return await treeAt(client, size)
    } catch (error) {
      if (error instanceof TreeIncomplete) throw altered(size)
      throw error
    }
  }
  async function refuseFork(kept: Checkpoint): Promise<void> {
    if (kept.size > tree.size)
      throw new Refusal(
        'LEDGER_ROLLED_BACK',
        `the ledger holds ${tree.size} signed records, but ${kept.size} were signed; an older backup was restored: bring the missing records back before the gateway starts`,
      )
    if (!(await grown(kept.size)).root().equals(kept.root)) throw altered(kept.size)
  }

  return {
    get last() {
      return last
    },
    async publish() {
      const leaves = await leavesBetween(client, tree.size, tree.size + AT_ONCE)
      if (leaves.length === 0) return 0
      const whole = leaves.flatMap(({ event_id: id, sha256 }) => tree.add(leafOf(id, sha256)))
      const next = { origin: signer.name, size: tree.size, root: tree.root() }
      const note = signCheckpoint(next, signer, clock())
      if (!(await store(client, last.size, { size: next.size, note, whole, edge: tree.edge(0) })))
        throw new Error('another publisher has signed meanwhile')
      last = next
      await keepOutside(file, note)
      return leaves.length
    },
  }
}

/** One statement, so one transaction: the tiles stand if, and only if, the checkpoint that covers them does. */
const STORE = {
  name: 'sightline-publish',
  text: `
    WITH signed AS (
      INSERT INTO log_checkpoint (size, note, edge) VALUES ($2, $3, $8)
      ON CONFLICT (one) DO UPDATE SET size = excluded.size, note = excluded.note, edge = excluded.edge
      WHERE log_checkpoint.size = $1 RETURNING size
    ), stored AS (
      INSERT INTO log_tile (level, index, hashes, root, middle)
      SELECT tile.*
      FROM signed, unnest($4::smallint[], $5::bigint[], $6::bytea[], $7::bytea[], $9::bytea[]) AS tile
    )
    SELECT size FROM signed`,
}

interface SignedTree {
  readonly size: number
  readonly note: string
  /** tiles that became whole */
  readonly whole: readonly WholeTile[]
  /** leaf hashes of the tile that is not whole yet */
  readonly edge: readonly Hash[]
}

/** @returns whether the log still stood at size `before` */
async function store(client: Client, before: number, signed: SignedTree): Promise<boolean> {
  const { size, note, whole, edge } = signed
  const { rowCount } = await client.query({
    ...STORE,
    values: [
      ...[before, size, note],
      whole.map(({ level }) => level),
      whole.map(({ index }) => index),
      whole.map(({ hashes }) => Buffer.concat(hashes)),
      whole.map(({ root }) => root),
      Buffer.concat(edge),
      whole.map(({ middle }) => Buffer.concat(middle)),
    ],
  })
  return rowCount === 1
}

const altered = (size: number) =>
  new Refusal(
    'LEDGER_ALTERED',
    `the records up to ${size} do not lead to the checkpoint that was signed over them: they were altered, taken out or put in; find where with \`npx sightline ledger verify\``,
  )

const notKept = (file: string, { code }: NodeJS.ErrnoException) =>
  new Refusal(
    'CHECKPOINT_NOT_KEPT',
    `the last checkpoint cannot be kept in \`${file}\` (${code}), so nothing is signed, and nothing goes to Kafka; see to its folder, its disk and the right to write there`,
  )
