/**
 * The policies that decide now, followed while the gateway runs. What provably narrows is live within seconds, even
 * where the rest of the edit is broken; what could share more waits for two people. Refuses to start with more than
 * was live last and nobody approved.
 */
import type { Logger } from 'pino'
import type { PolicyBundle } from './bundle.ts'
import { type BundleFile, markFolder, versionOf } from './bundle-files.ts'
import type { Alarm } from './decide.ts'
import { bundleFrom } from './load.ts'
import { MANIFEST } from './manifest.ts'
import { readAll } from './policy-folder.ts'
import type { Shelf } from './shelf.ts'
import { openTakeOver, type TakenOver } from './take-over.ts'

export interface LivePolicies {
  /** the bundle that decides now; take it once per question */
  current(): PolicyBundle
  /** a bundle that was live once, for explaining; null where it is not on the shelf */
  bundleOf(version: string): Promise<PolicyBundle | null>
  state(): PoliciesState
  close(): Promise<void>
}

export interface PoliciesState extends Pick<TakenOver, 'since' | 'held'> {
  /** of the bundle that decides now */
  readonly version: string
}

export interface LivePoliciesSettings {
  readonly dir: string
  readonly shelf: Shelf
  readonly alarm: Alarm
  readonly log: Logger
  /** milliseconds between two looks at the folder; 1000 where not given */
  readonly everyMs?: number
}

/** Until then another look: what has not changed in between is no longer being written. */
const SETTLING = 300 // milliseconds
/** What is written again and again is taken as it is after this many looks. */
const LOOKS = 3
/** A file this young may be written once more without its size or its time changing. */
const YOUNG = 2_000 // milliseconds
/** Bundles kept at hand: what decides, what stands, what waits, and some before them. */
const KEPT = 12

/**
 * @throws Refusal POLICY_BUNDLE_INVALID, or POLICY_CHANGE_NOT_APPROVED with what widens and the command that approves it
 */
export async function openLivePolicies(settings: LivePoliciesSettings): Promise<LivePolicies> {
  const { dir, shelf, alarm, log, everyMs = 1_000 } = settings
  const known = new Map<string, PolicyBundle>()
  const load = (files: readonly BundleFile[], unread: readonly string[] = []): PolicyBundle => {
    const version = versionOf(files)
    const bundle = (unread.length === 0 && known.get(version)) || bundleFrom(files, alarm, unread)
    known.delete(version)
    known.set(version, bundle)
    for (const oldest of known.keys()) if (known.size > KEPT) known.delete(oldest)
    return bundle
  }
  let folder = await readAll(dir)
  const { now, takeOver } = await openTakeOver(folder, { dir, shelf, log, load })

  /** the folder as it was taken over; null while a file in it is young */
  let mark: string | null = null
  let met = folder.content
  let changes = 0

  async function look(): Promise<void> {
    const seen = await markFolder(dir, [MANIFEST])
    if (seen.text === mark && !now().again) return
    const read = await readAll(dir)
    changes = read.content === met ? 0 : (changes + 1) % LOOKS
    met = read.content
    if (changes > 0) return // it may still be being written
    if (read.content !== folder.content || now().again) await takeOver(read)
    folder = read
    mark = Date.now() - seen.youngest > YOUNG ? seen.text : null
  }

  let failed = false
  async function lookSafely(): Promise<void> {
    try {
      await look()
      failed = false
    } catch (error) {
      const { name, message } = error as Error
      if (!failed)
        log.error({ code: 'POLICY_WATCH_FAILED', name, message }, 'the folder of policies is not followed')
      failed = true
    }
  }

  let timer: NodeJS.Timeout | undefined
  let looking = Promise.resolve()
  let closed = false
  const schedule = (): void => {
    if (closed) return
    const pause = changes > 0 ? Math.min(SETTLING, everyMs) : everyMs
    timer = setTimeout(() => {
      looking = lookSafely().then(schedule)
    }, pause).unref()
  }
  schedule()

  return {
    current: () => now().live,
    async bundleOf(version) {
      const files = known.has(version) ? null : await shelf.filesOf(version)
      return known.get(version) ?? (files && load(files))
    },
    state() {
      const { live, since, held } = now()
      const lost = failed ? { why: 'POLICY_WATCH_FAILED', faults: ['the folder is not followed'] } : null
      return { version: live.version, since, held: lost ?? held }
    },
    async close() {
      closed = true
      clearTimeout(timer)
      await looking
    },
  }
}
