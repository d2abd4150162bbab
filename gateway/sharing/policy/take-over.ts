/**
 * Takes over what the folder says: all of it where that may go live, else what narrows. What narrows decides at once,
 * whether or not the shelf can be told; what could share more needs approvals, and the shelf to look them up.
 */
import type { Logger } from 'pino'
import { Refusal } from '../../../schema/refusal.ts'
import type { PolicyBundle } from './bundle.ts'
import { versionOf } from './bundle-files.ts'
import { firstStanding } from './first-standing.ts'
import {
  approvalsFor,
  howToApprove,
  type Load,
  moreThan,
  type Standing,
  standingFrom,
} from './may-go-live.ts'
import { narrowed } from './narrowed.ts'
import type { Folder } from './policy-folder.ts'
import { answeringWithin, type Shelf } from './shelf.ts'

export interface TakenOver {
  /** decides now */
  readonly live: PolicyBundle
  readonly since: Date
  /** what of the folder is not live, and why: a stable code, and a line for each fault */
  readonly held: { readonly why: string; readonly faults: readonly string[] } | null
  /** the shelf could not be asked or told: the same folder is to be taken over again */
  readonly again: boolean
}

export interface TakeOverSettings {
  readonly dir: string
  readonly shelf: Shelf
  readonly log: Logger
  readonly load: Load
}

export interface TakeOver {
  now(): TakenOver
  takeOver(folder: Folder): Promise<void>
}

/** A database that does not answer must not keep what narrows waiting. */
const SHELF_DEADLINE = 1_500 // milliseconds
/** Gateways that move at once: the slower one looks again, and finds the same or something narrower. */
const ATTEMPTS = 3

type Outcome = 'done' | 'moved'

/** @throws Refusal POLICY_BUNDLE_INVALID or POLICY_CHANGE_NOT_APPROVED where the first folder may not go live */
export async function openTakeOver(first: Folder, settings: TakeOverSettings): Promise<TakeOver> {
  const { dir, log, load } = settings
  const shelf = answeringWithin(settings.shelf, SHELF_DEADLINE)
  let { standing, since } = await firstStanding(first, settings)
  /** what stands on the shelf, as far as is known: another than `standing` where the shelf could not be told */
  let onShelf = standing.version
  let live = load(standing.files)
  let held: TakenOver['held'] = null
  let again = false

  /** What goes wrong with the shelf is not thrown: nothing widens until it answers, and it is asked again. */
  let reachable = true
  let missed = false
  async function asked<Answer>(question: () => Promise<Answer>): Promise<Answer | null> {
    if (!reachable) return null
    try {
      return await question()
    } catch (error) {
      const { name, code } = error as { name?: string; code?: string }
      if (!missed)
        log.warn({ name, code }, 'the shelf of policies does not answer; what narrows is live all the same')
      reachable = false
      missed = true
      return null
    }
  }

  function decideBy(bundle: PolicyBundle, waits: TakenOver['held']): void {
    if (bundle.version !== live.version) {
      log.info({ bundle: bundle.version, before: live.version }, 'other policies decide from now on')
      live = bundle
      since = new Date()
    }
    if (waits && JSON.stringify(waits) !== JSON.stringify(held))
      log.error(
        { code: waits.why, bundle: live.version, faults: waits.faults },
        'a change of policies is not live',
      )
    held = waits
  }

  /** Tells the shelf what stands. One that cannot be reached is told later. */
  async function tell(replaces: string): Promise<Outcome> {
    const step = { ...standing, approvals: [], replaces }
    if (step.version === replaces) return 'done'
    const marked = await asked(() => shelf.markLive(step))
    if (marked) onShelf = step.version
    return marked === false ? 'moved' : 'done'
  }

  /**
   * What stands by the shelf, which all gateways share. First it is told what was narrowed while it was away: nothing
   * that was taken back comes back because another gateway, which did not know, moved on meanwhile.
   */
  async function agreed(): Promise<Standing | null> {
    const last = await asked(() => shelf.last())
    if (!last) return standing
    const theirs = standingFrom(last, load)
    const untold = standing.version !== onShelf && standing.version !== theirs.version
    onShelf = theirs.version
    if (!untold || !theirs.bundle || !standing.bundle) return theirs
    if (moreThan(theirs, standing.bundle).length > 0) {
      const { standing: files } = narrowed(theirs.files, standing.files, true, load)
      standing = { version: versionOf(files), files, bundle: load(files), approved: theirs.approved }
    }
    return (await tell(theirs.version)) === 'done' ? standing : null
  }

  /** True where another gateway went on, perhaps to the same bundle, and used the approvals up for all. */
  async function hasMoved(from: Standing): Promise<boolean> {
    const last = await asked(() => shelf.last())
    return last !== null && last.version !== from.version
  }

  async function attempt(folder: Folder): Promise<Outcome> {
    const before = await agreed()
    if (!before) return 'moved'
    const found = tryLoad(folder, load)
    const lines = found.kind === 'whole' ? moreThan(before, found.bundle) : []
    if (found.kind === 'whole') {
      const { bundle } = found
      const next = { version: bundle.version, files: folder.files, bundle }
      if (lines.length === 0) {
        standing = { ...next, approved: before.approved }
        decideBy(bundle, null)
        return tell(before.version)
      }
      const approvals = await asked(() => approvalsFor(next, before, folder.manifest, shelf, load))
      if (approvals) {
        const step = { ...next, approved: bundle.version, approvals, replaces: before.version }
        const marked = await asked(() => shelf.markLive(step))
        if (marked === false) return 'moved'
        if (marked) {
          standing = step
          onShelf = bundle.version
          decideBy(bundle, null)
          return 'done'
        }
      } else if (await hasMoved(before)) return 'moved'
    }
    return narrow(folder, before, found, lines)
  }

  /** The folder waits; what it takes away does not. */
  async function narrow(
    folder: Folder,
    before: Standing,
    found: Found,
    lines: readonly string[],
  ): Promise<Outcome> {
    const base = before.bundle ? before : standing
    const parts = narrowed(base.files, folder.files, found.kind === 'whole', load)
    const bundle = load(parts.standing)
    standing = { version: bundle.version, files: parts.standing, bundle, approved: base.approved }
    const deciding = load(parts.live)
    const faults = [...lines, ...folder.manifestFaults]
    decideBy(
      deciding,
      found.kind === 'faulty'
        ? { why: 'POLICY_BUNDLE_INVALID', faults: found.faults }
        : {
            why: 'POLICY_CHANGE_NOT_APPROVED',
            faults: [...faults, howToApprove(dir, found.bundle.version, standing)],
          },
    )
    if (deciding.version !== standing.version) await asked(() => shelf.put(parts.live, deciding.version))
    return before.bundle ? tell(before.version) : 'done'
  }

  return {
    now: () => ({ live, since, held, again }),
    async takeOver(folder) {
      reachable = true
      let outcome: Outcome = 'moved'
      for (let turn = 0; turn < ATTEMPTS && outcome === 'moved'; turn += 1) outcome = await attempt(folder)
      if (reachable) missed = false
      again = !reachable || outcome === 'moved'
    },
  }
}

type Found =
  | { readonly kind: 'whole'; readonly bundle: PolicyBundle }
  | { readonly kind: 'faulty'; readonly faults: readonly string[] }

function tryLoad({ files, faults }: Folder, load: Load): Found {
  try {
    return { kind: 'whole', bundle: load(files, faults) }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return { kind: 'faulty', faults: error.message.split('\n- ').slice(1) }
  }
}
