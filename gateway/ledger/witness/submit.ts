/**
 * Takes every new checkpoint to the witnesses, all at once, and hands it out with the signatures of those who answered
 * in time. Signing never waits for it. Refuses to send what the log's key did not sign.
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { Pool } from 'pg'
import { openCheckpoint } from '../tree/checkpoint.ts'
import { onlySignedBy } from '../tree/signed-note.ts'
import type { KnownWitness } from './ask.ts'
import { type Signed, type Standing, type StandingSettings, standingWith, WITNESSES } from './standing.ts'

export interface SubmitSettings extends Pick<StandingSettings, 'pool' | 'signer' | 'log' | 'alerts'> {
  readonly witnesses: readonly KnownWitness[]
}

export interface Submitter {
  /** tells that there is a new checkpoint; returns at once */
  offer(): void
  close(): Promise<void>
}

const AGAIN_AFTER = 1_000 // milliseconds after a fault of the database
const LOOK_EVERY = 30_000 // milliseconds

export function openSubmitter({ pool, signer, witnesses, log, alerts }: SubmitSettings): Submitter {
  const stop = new AbortController()
  const signedNow = () => newest(pool, signer)
  const standings = witnesses.map((witness) =>
    standingWith(witness, { pool, signer, log, alerts, signedNow, stop: stop.signal }),
  )
  let wake = new AbortController()
  let offered = true // what was signed before the start

  async function submit(): Promise<void> {
    const signed = await signedNow()
    if (!signed) return
    openCheckpoint(signed.note, signer)
    const notes = await Promise.all(standings.map((standing) => standing.cosign(signed)))
    const lines = notes.map((note) => note?.slice(signed.note.length) ?? '')
    mendedFor(standings)
    await handOut(pool, { size: signed.size, note: signed.note + lines.join('') }, standings)
  }

  /** A refusal stands until that witness cosigns again, or is no longer named. */
  function mendedFor(those: readonly Standing[]): void {
    const unsure = those.filter(({ agrees }) => !agrees)
    alerts.mended(
      'WITNESS_REFUSED',
      WITNESSES,
      unsure.map(({ name }) => name),
    )
  }

  async function run(): Promise<void> {
    mendedFor(standings)
    await keepOnly(pool, witnesses).catch(() =>
      log.warn({}, 'witnesses that are no longer named still stand'),
    )
    if (witnesses.length === 0) return
    while (!stop.signal.aborted) {
      wake = new AbortController()
      if (!offered) await rest(untilNextTry(standings), wake.signal)
      offered = false
      try {
        await submit()
      } catch (fault) {
        offered = true
        log.warn(
          { why: fault instanceof Error ? fault.message : 'fault' },
          'a checkpoint waits for the witnesses',
        )
        await rest(AGAIN_AFTER, stop.signal)
      }
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

function untilNextTry(standings: readonly Standing[]): number {
  const next = standings.filter(({ refused, nextTry }) => refused === null && nextTry > Date.now())
  return Math.min(LOOK_EVERY, ...next.map(({ nextTry }) => nextTry - Date.now()))
}

async function newest(pool: Pool, signer: SubmitSettings['signer']): Promise<Signed | null> {
  const { rows } = await pool.query<{ size: string; note: string }>('SELECT size, note FROM log_checkpoint')
  const [row] = rows
  return row ? { size: Number(row.size), note: onlySignedBy(row.note, [signer]) } : null
}

const HAND_OUT = `
  WITH witness AS (
    INSERT INTO log_witness (name, size, refused) SELECT * FROM unnest($3::text[], $4::bigint[], $5::text[])
    ON CONFLICT (name) DO UPDATE SET refused = excluded.refused, size = greatest(log_witness.size, excluded.size)
  )
  INSERT INTO log_published (size, note) VALUES ($1, $2)
  ON CONFLICT (one) DO UPDATE SET size = excluded.size, note = excluded.note
  WHERE log_published.size <= excluded.size`

async function handOut(pool: Pool, { size, note }: Signed, standings: readonly Standing[]): Promise<void> {
  await pool.query(HAND_OUT, [
    ...[size, note],
    standings.map(({ name }) => name),
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
