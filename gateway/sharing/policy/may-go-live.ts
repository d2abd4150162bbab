/**
 * Whether a bundle may take the place of what stands: where it is provably no wider, or where two people approved it.
 * Where neither is so, it is said in plain words what it would share more, and how it is approved.
 */
import { Refusal } from '../../../schema/refusal.ts'
import type { PolicyBundle } from './bundle.ts'
import type { BundleFile } from './bundle-files.ts'
import { widens } from './change.ts'
import { approvalsOf, approvedPath, type Manifest, type UsedApproval, unused } from './manifest.ts'
import { narrowed } from './narrowed.ts'
import type { Shelf, Shelved } from './shelf.ts'

/** `bundleFrom` with a memory. */
export type Load = (files: readonly BundleFile[], unread?: readonly string[]) => PolicyBundle

/** A bundle that people decided on, with which later edits are compared. */
export interface Standing {
  readonly version: string
  readonly files: readonly BundleFile[]
  /** null where this release can no longer read it */
  readonly bundle: PolicyBundle | null
  /** the last version that was approved: this one, or one that it provably narrows */
  readonly approved: string
}

export const standingFrom = ({ version, files, approved }: Shelved, load: Load): Standing => ({
  version,
  files,
  approved,
  bundle: readable(files, load),
})

function readable(files: readonly BundleFile[], load: Load): PolicyBundle | null {
  try {
    return load(files)
  } catch (error) {
    if (error instanceof Refusal) return null
    throw error
  }
}

/** @returns a line for each change that is not provably narrower; none where the bundle may go live as it is */
export function moreThan(standing: Standing | null, found: PolicyBundle): readonly string[] {
  if (!standing) return ['no policies were live here before']
  if (standing.version === found.version) return []
  return standing.bundle
    ? widens(standing.bundle, found)
    : ['what was live last cannot be read by this release, so nothing is known of the difference']
}

/** @returns the approvals by which it may go live although it is wider; null where they are not enough */
export async function approvalsFor(
  found: { readonly bundle: PolicyBundle; readonly files: readonly BundleFile[] },
  standing: Standing | null,
  manifest: Manifest,
  shelf: Shelf,
  load: Load,
): Promise<readonly UsedApproval[] | null> {
  const { version } = found.bundle
  const fresh = unused(manifest, version, await shelf.approvalsUsed(version))
  const leads = (from: string | null) => approvedPath(fresh, from, version)
  const approved =
    leads(standing?.version ?? null) ||
    (standing !== null &&
      leads(standing.approved) &&
      (await keepsWhatStands(found.files, standing, shelf, load)))
  return approved ? approvalsOf(fresh, version) : null
}

/**
 * People approved it in place of the last approved bundle, and since then something was narrowed, which needs no
 * approval. Theirs holds if the edit narrows that as well: else it would undo what they did not see.
 */
async function keepsWhatStands(
  files: readonly BundleFile[],
  { bundle, approved, version }: Standing,
  shelf: Shelf,
  load: Load,
): Promise<boolean> {
  const base = bundle && version !== approved ? await shelf.filesOf(approved) : null
  if (!bundle || !base || !readable(base, load)) return false
  return widens(bundle, load(narrowed(base, files, true, load).standing)).length === 0
}

/** What to do about a bundle that waits. */
export function howToApprove(dir: string, version: string, standing: Standing | null): string {
  const inPlace = standing ? ` in place of ${standing.version}` : ''
  const replaces = standing ? ` --replaces ${standing.version}` : ''
  return `two people must approve ${version}${inPlace}; each runs: npx sightline policy approve --dir ${dir} --name "…" --post "…" --agency …${replaces}`
}
