/**
 * Runs a candidate's policies beside those that decide, and logs where they differ: counts by role, record type and
 * policy, with the event id. Changes no answer, delays none, and never throws.
 *
 * What a bundle keeps silent, or hides by a policy that is not for the subject to hear, is not tied to an access: people
 * who run the gateway read the log, and the event id leads to the child. It is counted over many accesses; the IG lead
 * learns more from `policy replay`.
 */
import { setImmediate } from 'node:timers/promises'
import type { Logger } from 'pino'
import { Refusal } from '../../../schema/refusal.ts'
import type { PolicyBundle } from './bundle.ts'
import { type Change, type ChangeKind, changeKinds } from './compare-effects.ts'
import { openComparison } from './compare-grounds.ts'
import type { Grounds } from './grounds.ts'
import { loadBundle } from './load.ts'

export interface Shadow {
  /** @param eventId of the answer, which has left */
  compare(grounds: Grounds, eventId: string): void
  /** resolves when all that waits is compared */
  idle(): Promise<void>
}

export interface ShadowSettings {
  /** the candidate's folder of policies */
  readonly dir: string
  /** the bundle that decides now */
  readonly live: () => PolicyBundle
  readonly log: Logger
}

/** Accesses that may wait to be compared; beyond that they are counted and left out. */
const WAITING = 100
/** Accesses over which what is silent is counted before it is logged. */
const TOGETHER = 100

/** @throws Refusal `SHADOW_INVALID` where the candidate's policies cannot be used: no gateway starts with half a shadow */
export async function openShadow({ dir, live, log }: ShadowSettings): Promise<Shadow> {
  let faults = 0
  const candidate = await loadBundle(dir, () => {
    faults += 1
  }).catch((error) => {
    if (!(error instanceof Refusal)) throw error
    throw new Refusal('SHADOW_INVALID', `the candidate's policies cannot run in the shadow: ${error.message}`)
  })
  const shadow = candidate.version
  log.info({ shadow }, 'a candidate’s policies run in the shadow; no answer changes')

  let opened = { live: live(), compare: openComparison(live(), candidate) }
  const waiting: { readonly grounds: Grounds; readonly eventId: string; readonly bundle: PolicyBundle }[] = []
  let sum = newSum()

  function compareOne({ grounds, eventId, bundle }: (typeof waiting)[number]): void {
    if (opened.live !== bundle) opened = { live: bundle, compare: openComparison(bundle, candidate) }
    const { records, kinds, missing } = opened.compare(grounds)
    if (missing.length > 0) sum.notCompared += 1
    const role = grounds.practitioner.roles.join(' + ')
    const lines = new Map<string, Line>()
    const count = (recordType: string, n: number, { kind, because, hidden }: Change, of: Line['of']) => {
      if (hidden || !because.every((id) => mayBeTold(id, bundle, candidate))) {
        sum.silent[kind] += n
        return
      }
      const line = { change: kind, of, role, recordType, policies: because }
      const key = JSON.stringify(line)
      lines.set(key, { ...line, n: (lines.get(key)?.n ?? 0) + n })
    }
    for (const { record, n, changes } of records)
      for (const change of onePerCause(changes)) count(record.recordType, n, change, 'records')
    for (const { kind, change } of kinds) count(kind.recordType, 1, change, 'asking')
    if (lines.size > 0)
      log.info({ shadow, eventId, differences: [...lines.values()] }, 'the shadow decides otherwise')
  }

  function report(): void {
    const { compared, notCompared, left, silent } = sum
    if (notCompared + left + faults + changeKinds.reduce((total, kind) => total + silent[kind], 0) > 0)
      log.info({ shadow, compared, notCompared, left, faults, silent }, 'the shadow, over many accesses')
    sum = newSum()
    faults = 0
  }

  let working: Promise<void> | null = null
  async function work(): Promise<void> {
    for (;;) {
      await setImmediate() // one access at a time: answers go first
      const next = waiting.shift()
      if (!next) break
      try {
        compareOne(next)
      } catch (error) {
        log.warn({ shadow, name: (error as Error).name }, 'the shadow failed; answers are not affected')
      }
      sum.compared += 1
      if (sum.compared >= TOGETHER) report()
    }
    working = null
  }

  return {
    compare(grounds, eventId) {
      const bundle = live()
      // the bundle was replaced while the answer was made, or too many wait: not worth a delay
      if (bundle.version !== grounds.bundle || waiting.length >= WAITING) {
        sum.left += 1
        return
      }
      waiting.push({ grounds, eventId, bundle })
      working ??= work()
    },
    idle: async () => {
      await working
    },
  }
}

interface Line {
  readonly change: ChangeKind
  readonly of: 'records' | 'asking'
  readonly role: string
  readonly recordType: string
  readonly policies: readonly string[]
  readonly n: number
}

interface Sum {
  compared: number
  notCompared: number
  left: number
  readonly silent: Record<ChangeKind, number>
}

const newSum = (): Sum => ({
  compared: 0,
  notCompared: 0,
  left: 0,
  silent: { WIDER: 0, NARROWER: 0, 'REASON-ONLY': 0 },
})

/** A permit, a condition of sharing that is unmet, or a forbid of which whoever asked may be told. */
const mayBeTold = (id: string, ...bundles: readonly PolicyBundle[]): boolean =>
  bundles.every(({ policies }) => ['subject', null, undefined].includes(policies.get(id)?.disclose))

/** A record counts once for one cause, however many of its groups change. */
function onePerCause(changes: readonly Change[]): readonly Change[] {
  const met = new Map(changes.map((change) => [JSON.stringify([change.kind, change.because]), change]))
  return [...met.values()]
}
