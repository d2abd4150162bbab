/**
 * A proof that one access is in the log, as a file that is checked without any network (c2sp.org/tlog-proof). Refuses
 * a proof that does not lead from the record's exact bytes to a signed checkpoint.
 */
import type { Pool } from 'pg'
import { Refusal } from '../../../schema/refusal.ts'
import { type OpenedCheckpoint, openCheckpoint } from './checkpoint.ts'
import { withTiles } from './fetched-tiles.ts'
import { HANDED_OUT } from './handed-out.ts'
import { HASH_BYTES, type Hash, inclusionProof, type NodeAt, provesInclusion, sha256 } from './merkle.ts'
import { decoded, type NoteVerifier } from './signed-note.ts'
import { TILE_HASHES, tilesAt } from './stored-tree.ts'
import { leafOf, nodesIn, TILE_WIDTH } from './tile.ts'

const HEADER = 'c2sp.org/tlog-proof@v1'

/**
 * The place of an access, the checkpoint that is handed out, and of each level the tile that the access is in and the last
 * one: a proof needs no others. At least one row. `OFFSET 0` holds PostgreSQL to look up no tile that there is not.
 */
const PLACE_AND_TILES = `
  SELECT idx, size, note, level, index, width, hashes, middle
  FROM (SELECT (SELECT idx FROM access_leaf WHERE event_id = $1)) AS leaf
  LEFT JOIN (${HANDED_OUT}) AS signed ON true
  LEFT JOIN LATERAL (
    SELECT level, index, width, ${TILE_HASHES} AS hashes, (
      SELECT middle FROM log_tile WHERE level = asked.level AND index = asked.index) AS middle
    FROM (
      SELECT level, index, least(${TILE_WIDTH}, (size >> 8 * level) - index * ${TILE_WIDTH}) AS width
      FROM generate_series(0, 6) AS level, LATERAL (
        SELECT idx >> 8 * (level + 1) AS index UNION SELECT size >> 8 * (level + 1)) AS beside
      WHERE size >> 8 * level > index * ${TILE_WIDTH} OFFSET 0
    ) AS asked
  ) AS tiles ON true`

interface Placed {
  readonly idx: string | null
  readonly size: string | null
  readonly note: string | null
  readonly level: number | null
  readonly index: string | null
  readonly width: string | null
  readonly hashes: Buffer | null
  /** null also of a tile that is not whole, or of before */
  readonly middle: Buffer | null
}

/** @throws Refusal ACCESS_UNKNOWN, ACCESS_NOT_SIGNED_YET */
export async function proofFor(pool: Pool, eventId: string): Promise<string> {
  const { rows } = await pool.query<Placed>({
    name: 'sightline-proof',
    text: PLACE_AND_TILES,
    values: [eventId],
  })
  const { idx = null, size: signed = null, note = null } = rows[0] ?? {}
  if (idx === null) throw new Refusal('ACCESS_UNKNOWN', 'the log holds no access under this id')
  const [index, size] = [Number(idx), Number(signed)]
  if (note === null || index >= size)
    throw new Refusal(
      'ACCESS_NOT_SIGNED_YET',
      'this access is recorded and not signed yet; try again in a moment',
    )
  const proving = (nodeAt: NodeAt) => inclusionProof(nodeAt, index, size)
  const ready = nodesReady(rows)
  const proof = ready ? proving(ready) : await withTiles(size, (places) => tilesAt(pool, places), proving)
  return `${[HEADER, `index ${index}`, ...proof.map((hash) => hash.toString('base64'))].join('\n')}\n\n${note}`
}

/** @returns null where not all of the tiles stand ready, as in logs of before */
function nodesReady(rows: readonly Placed[]): NodeAt | null {
  if (rows.some(({ hashes, width }) => (hashes?.length ?? 0) < Number(width) * HASH_BYTES)) return null
  const tile = (level: number, index: number) =>
    rows.find((row) => row.level === level && Number(row.index) === index)
  return nodesIn(
    (level, index) => tile(level, index)?.hashes ?? Buffer.alloc(0),
    (level, index) => tile(level, index)?.middle ?? null,
  )
}

/** Whom the reader trusts. */
export interface Trusted {
  readonly log: NoteVerifier
  readonly witnesses?: readonly NoteVerifier[]
  /** how many of the witnesses must have signed (default: all that are named) */
  readonly atLeast?: number | undefined
}

export interface Proved {
  readonly index: number
  readonly checkpoint: OpenedCheckpoint
}

/**
 * @param record exact bytes of the access, as `ledger show` or Kafka gives them
 * @throws Refusal PROOF_MALFORMED, PROOF_WRONG, and those of `openCheckpoint`
 */
export function checkProof(
  proof: string,
  record: { readonly eventId: string; readonly bytes: Buffer },
  { log, witnesses, atLeast }: Trusted,
): Proved {
  const end = proof.indexOf('\n\n')
  const [header, at = '', ...lines] = proof.slice(0, Math.max(end, 0)).split('\n')
  const index = Number(/^index (0|[1-9]\d{0,15})$/.exec(at)?.[1] ?? Number.NaN)
  if (header !== HEADER || Number.isNaN(index) || lines.length > 64)
    throw new Refusal('PROOF_MALFORMED', 'this is no proof of an access')
  const hashes: Hash[] = lines.map(decoded)
  const checkpoint = openCheckpoint(proof.slice(end + 2), log, witnesses, atLeast ?? witnesses?.length)
  const leaf = leafOf(record.eventId, sha256(record.bytes))
  if (!provesInclusion(leaf, index, checkpoint.size, hashes, checkpoint.root))
    throw new Refusal(
      'PROOF_WRONG',
      'the proof does not lead from this record to the signed log: one of them was altered',
    )
  return { index, checkpoint }
}
