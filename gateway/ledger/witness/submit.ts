/**
 * Takes every new checkpoint to the witnesses, all at once, and hands it out with the signatures of those who answered
 * in time. Signing never waits for it. Refuses to ask a witness again that says this log was cut or rewritten: that is
 * an alert for people, not something to try until it works.
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { Pool } from 'pg'
import { openCheckpoint } from '../tree/checkpoint.ts'
import { withTiles } from '../tree/fetched-tiles.ts'
import { consistencyProof } from '../tree/merkle.ts'
import { type NoteVerifier, onlySignedBy } from '../tree/signed-note.ts'
import { tileHashes } from '../tree/stored-tree.ts'
import { askWitness, type KnownWitness, type WitnessReply } from './ask.ts'

export interface SubmitSettings {
  readonly pool: Pool
  /** the key under which the log is signed */
  readonly signer: NoteVerifier
  readonly witnesses: readonly KnownWitness[]
  readonly log: { warn(about: object, words: string): void; error(about: object, words: string): void }
}

export interface Submitter {
  /** tells that there is a new checkpoint; returns at once */
  offer(): void
  close(): Promise<void>
}

/** Milliseconds for all tries with one witness: with a checkpoint every quarter second, under the two seconds of a tail. */
const DEADLINE = 1_000
const TRIES = 3 // the size that it has may have moved meanwhile
const BACKOFF = { from: 1_000, to: 30_000 } // milliseconds, doubled each time

interface Standing {
  readonly witness: KnownWitness
  /** of the last checkpoint that it cosigned, as far as is known */
  size: number
  /** that checkpoint */
  note: string
  refused: string | null
  failures: number
  /** not asked before this moment, in milliseconds */
  nextTry: number
}

interface Signed {
  readonly size: number
  readonly note: string
}

export function openSubmitter({ pool, signer, witnesses, log }: SubmitSettings): Submitter {
  const stop = new AbortController()
  const standings = witnesses.map(
    (witness): Standing => ({ witness, size: 0, note: '', refused: null, failures: 0, nextTry: 0 }),
  )
  let wake = new AbortController()
  let offered = true // what was signed before the start

  async function signedNow(): Promise<Signed | null> {
    const { rows } = await pool.query<{ size: string; note: string }>('SELECT size, note FROM log_checkpoint')
    const [row] = rows
    return row ? { size: Number(row.size), note: onlySignedBy(row.note, [signer]) } : null
  }

  /** What the witness signed under this checkpoint; null where it did not. */
  async function cosignatureOf(standing: Standing, signed: Signed): Promise<string | null> {
    if (signed.note === standing.note.slice(0, signed.note.length)) return standing.note
    if (standing.refused !== null || Date.now() < standing.nextTry) return null
    const reply = await inTries(standing, signed)
    if (reply.kind === 'cosigned') {
      Object.assign(standing, { size: signed.size, note: reply.note, failures: 0 })
      return reply.note
    }
    if (stop.signal.aborted) return null
    const about = { witness: standing.witness.verifier.name, size: signed.size }
    if (reply.kind === 'contradicted') {
      standing.refused = reply.code
      log.error({ alert: reply.code, ...about }, 'a witness says that this log was cut or rewritten')
    } else if (reply.kind === 'stale') await judgeAhead(standing, reply.size, about)
    else {
      const againInMs = Math.min(BACKOFF.from * 2 ** Math.min(standing.failures++, 30), BACKOFF.to)
      standing.nextTry = Date.now() + againInMs
      log.warn(
        { ...about, why: reply.why, againInMs },
        'a witness did not cosign; the log goes on without it',
      )
    }
    return null
  }

  /** It has seen more than was sent: another gateway was faster, or this database is older than what was shown. */
  async function judgeAhead(standing: Standing, seen: number, about: object): Promise<void> {
    const newest = (await signedNow())?.size ?? 0
    if (seen <= newest) {
      offered = true
      return
    }
    standing.refused = 'LEDGER_ROLLED_BACK'
    log.error(
      { alert: 'LEDGER_ROLLED_BACK', ...about, seen },
      'a witness has seen more records than this log holds: an older backup was restored',
    )
  }

  async function inTries(standing: Standing, { size, note }: Signed): Promise<WitnessReply> {
    const signal = AbortSignal.any([stop.signal, AbortSignal.timeout(DEADLINE)])
    let old = Math.min(standing.size, size)
    for (let tries = 1; ; tries++) {
      const proof = old === 0 ? [] : await growthFrom(old, size)
      const reply = await askWitness(standing.witness, signer, { old, proof, note }, signal)
      if (reply.kind !== 'stale' || reply.size > size) return reply
      if (tries === TRIES) return { kind: 'unusable', why: 'another size with every answer' }
      old = reply.size
      standing.size = old
    }
  }

  const growthFrom = (old: number, size: number) =>
    withTiles(
      size,
      (place) => tileHashes(pool, place),
      (nodeAt) => consistencyProof(nodeAt, old, size),
    )

  async function submit(): Promise<void> {
    const signed = await signedNow()
    if (!signed) return
    openCheckpoint(signed.note, signer) // nobody is asked for what this key did not sign
    const notes = await Promise.all(standings.map((standing) => cosignatureOf(standing, signed)))
    const lines = notes.map((note) => note?.slice(signed.note.length) ?? '')
    await store(pool, { size: signed.size, note: signed.note + lines.join('') }, standings)
  }

  async function run(): Promise<void> {
    await keepOnly(pool, witnesses).catch(() =>
      log.warn({}, 'witnesses that are no longer named still stand'),
    )
    if (witnesses.length === 0) return
    while (!stop.signal.aborted) {
      if (offered) {
        offered = false
        try {
          await submit()
        } catch (fault) {
          offered = true
          log.warn(
            { why: fault instanceof Error ? fault.message : 'fault' },
            'a checkpoint waits for the witnesses',
          )
          await rest(BACKOFF.from, stop.signal)
        }
        continue
      }
      const again = standings.filter(({ nextTry, refused }) => refused === null && nextTry > Date.now())
      const nextTry = Math.min(...again.map((each) => each.nextTry))
      wake = new AbortController()
      await rest(Math.min(nextTry - Date.now(), BACKOFF.to), wake.signal)
      if (!wake.signal.aborted && again.length > 0) offered = true
    }
  }

  const rest = (milliseconds: number, signal: AbortSignal) =>
    pause(milliseconds, undefined, { signal }).catch(() => undefined)

  const running = run()
  return {
    offer() {
      offered = true
      wake.abort()
    },
    async close() {
      stop.abort()
      wake.abort()
      await running
    },
  }
}

const STORE = `
  WITH witness AS (
    INSERT INTO log_witness (name, size, refused) SELECT * FROM unnest($3::text[], $4::bigint[], $5::text[])
    ON CONFLICT (name) DO UPDATE SET refused = excluded.refused,
      size = greatest(log_witness.size, excluded.size)
  )
  INSERT INTO log_published (size, note) VALUES ($1, $2)
  ON CONFLICT (one) DO UPDATE SET size = excluded.size, note = excluded.note
  WHERE log_published.size <= excluded.size`

async function store(pool: Pool, { size, note }: Signed, standings: readonly Standing[]): Promise<void> {
  await pool.query(STORE, [
    ...[size, note],
    standings.map(({ witness }) => witness.verifier.name),
    standings.map((each) => each.size),
    standings.map(({ refused }) => refused),
  ])
}

/** A witness that is no longer named is forgotten; without any, what the log signed is handed out as it is. */
async function keepOnly(pool: Pool, witnesses: readonly KnownWitness[]): Promise<void> {
  const names = witnesses.map(({ verifier }) => verifier.name)
  await pool.query('DELETE FROM log_witness WHERE name <> ALL ($1::text[])', [names])
  if (names.length === 0) await pool.query('DELETE FROM log_published')
}
