/**
 * How the log stands with one witness: what it cosigned last, whether it is being left alone for a while, and whether it
 * said that the log was cut or rewritten. It is not asked again then: that is an alert for people, not something to try
 * until it works.
 */
import type { Pool } from 'pg'
import type { FaultReports } from '../alert-kind.ts'
import type { OperatorLog } from '../operator-log.ts'
import { withTiles } from '../tree/fetched-tiles.ts'
import { consistencyProof } from '../tree/merkle.ts'
import type { NoteVerifier } from '../tree/signed-note.ts'
import { tilesAt } from '../tree/stored-tree.ts'
import { askWitness, type KnownWitness, type WitnessReply } from './ask.ts'

/** A checkpoint with the signature of the log alone. */
export interface Signed {
  readonly size: number
  readonly note: string
}

export interface StandingSettings {
  readonly pool: Pool
  /** the key under which the log is signed */
  readonly signer: NoteVerifier
  readonly log: Pick<OperatorLog, 'warn' | 'error'>
  readonly alerts: FaultReports
  /** the newest checkpoint */
  readonly signedNow: () => Promise<Signed | null>
  /** ends every wait */
  readonly stop: AbortSignal
}

export interface Standing {
  readonly name: string
  /** of the last checkpoint that it cosigned, as far as is known */
  readonly size: number
  /** it has cosigned since this gateway asks it, and refused nothing since */
  readonly agrees: boolean
  /** the code with which it refused the log for good */
  readonly refused: string | null
  /** milliseconds since 1970 before which it is left alone */
  readonly nextTry: number
  /** @returns the checkpoint with its signature; null where it did not give one. Never throws for its fault. */
  cosign(signed: Signed): Promise<string | null>
}

/** Milliseconds for all tries: with a checkpoint every quarter second, under the two seconds that a tail may have. */
const DEADLINE = 1_000
const TRIES = 3 // the size that it has may have moved meanwhile
const BACKOFF = { from: 1_000, to: 30_000 } // milliseconds, doubled each time

/** Scope of what witnesses refuse. */
export const WITNESSES = 'witnesses'

export function standingWith(witness: KnownWitness, settings: StandingSettings): Standing {
  const { pool, signer, log, alerts, signedNow, stop } = settings
  const { name } = witness.verifier
  const known = { name, size: 0, agrees: false, refused: null as string | null, nextTry: 0 }
  let cosigned = ''
  let failures = 0

  async function ask({ size, note }: Signed): Promise<WitnessReply> {
    const signal = AbortSignal.any([stop, AbortSignal.timeout(DEADLINE)])
    let old = Math.min(known.size, size)
    for (let tries = 1; ; tries++) {
      const proof = old === 0 ? [] : await growth(old, size)
      const reply = await askWitness(witness, signer, { old, proof, note }, signal)
      if (reply.kind !== 'stale' || reply.size > size) return reply
      if (tries === TRIES) return { kind: 'unusable', why: 'another size with every answer' }
      old = reply.size
      known.size = old
    }
  }

  const growth = (old: number, size: number) =>
    withTiles(
      size,
      (places) => tilesAt(pool, places),
      (nodeAt) => consistencyProof(nodeAt, old, size),
    )

  function refusedWith(code: string, about: Readonly<Record<string, number>>, words: string): void {
    known.refused = code
    known.agrees = false
    const told = { witness: name, says: code, ...about }
    alerts.raise({ kind: 'WITNESS_REFUSED', scope: WITNESSES, place: name, about: told })
    log.error({ alert: code, witness: name, ...about }, words)
  }

  function leaveAlone(size: number, why: string): void {
    const againInMs = Math.min(BACKOFF.from * 2 ** Math.min(failures++, 30), BACKOFF.to)
    known.nextTry = Date.now() + againInMs
    const about = { witness: name, size, why, againInMs }
    log.warn(about, 'a witness did not cosign; the log goes on without it')
  }

  return Object.assign(known, {
    async cosign(signed: Signed) {
      if (cosigned.startsWith(signed.note)) return cosigned
      if (known.refused !== null || Date.now() < known.nextTry) return null
      const { size } = signed
      const reply = await ask(signed)
      if (stop.aborted) return null
      if (reply.kind === 'cosigned') {
        known.size = size
        known.agrees = true
        cosigned = reply.note
        failures = 0
        return cosigned
      }
      if (reply.kind === 'unusable') leaveAlone(size, reply.why)
      if (reply.kind === 'contradicted')
        refusedWith(reply.code, { size }, 'a witness says that this log was cut or rewritten')
      // another gateway may have been faster; if not, this database is older than what was shown
      if (reply.kind === 'stale' && reply.size > ((await signedNow())?.size ?? 0))
        refusedWith(
          'LEDGER_ROLLED_BACK',
          { size, seen: reply.size },
          'a witness has seen more records than this log holds: an older backup was restored',
        )
      return null
    },
  })
}
