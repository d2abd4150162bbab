/**
 * What stands when the gateway starts: what stood last, if the folder still holds it or something provably narrower;
 * else what two people approved. Refuses to start with anything else.
 */
import { Refusal } from '../../../schema/refusal.ts'
import {
  approvalsFor,
  howToApprove,
  type Load,
  moreThan,
  type Standing,
  standingFrom,
} from './may-go-live.ts'
import type { Folder } from './policy-folder.ts'
import type { Shelf } from './shelf.ts'

/** Gateways that start at once: the slower one looks again. */
const ATTEMPTS = 3

/** @throws Refusal POLICY_BUNDLE_INVALID, POLICY_CHANGE_NOT_APPROVED, POLICY_SHELF_BUSY */
export async function firstStanding(
  { files, faults, manifest, manifestFaults }: Folder,
  { dir, shelf, load }: { readonly dir: string; readonly shelf: Shelf; readonly load: Load },
): Promise<{ standing: Standing; since: Date }> {
  const bundle = load(files, faults)
  const { version } = bundle
  for (let turn = 0; turn < ATTEMPTS; turn += 1) {
    const last = await shelf.last()
    if (last?.version === version) return { standing: { ...last, bundle }, since: last.since }
    const before = last && standingFrom(last, load)
    const lines = moreThan(before, bundle)
    const approvals =
      lines.length === 0 ? [] : await approvalsFor({ bundle, files }, before, manifest, shelf, load)
    if (!approvals) {
      if ((await shelf.last())?.version !== last?.version) continue // another gateway used them for all
      const what = ['what these policies share was not approved:', ...lines, ...manifestFaults].join('\n- ')
      throw new Refusal('POLICY_CHANGE_NOT_APPROVED', `${what}\n${howToApprove(dir, version, before)}`)
    }
    const approved = before && lines.length === 0 ? before.approved : version
    const standing = { version, files, bundle, approved }
    if (await shelf.markLive({ ...standing, approvals, replaces: last?.version ?? null }))
      return { standing, since: new Date() }
  }
  throw new Refusal('POLICY_SHELF_BUSY', 'other gateways change their policies at this moment; start again')
}
