/**
 * The policies of a folder, for whoever works with it away from the gateway and its shelf: as two people approved them.
 * Refuses a folder with any change that nobody approved, the smallest too.
 */
import { Refusal } from '../../../schema/refusal.ts'
import type { PolicyBundle } from './bundle.ts'
import { loadBundle } from './load.ts'
import { approvedPath, manifestFrom, manifestText } from './manifest.ts'
import { howToApprove } from './may-go-live.ts'

/** @throws Refusal POLICY_BUNDLE_INVALID, POLICY_CHANGE_NOT_APPROVED */
export async function loadApproved(dir: string): Promise<PolicyBundle> {
  const bundle = await loadBundle(dir)
  const faults: string[] = []
  const manifest = manifestFrom(await manifestText(dir), faults)
  if (approvedPath(manifest, null, bundle.version)) return bundle
  const what = ['the policies in this folder were not approved as they are now', ...faults].join('\n- ')
  throw new Refusal('POLICY_CHANGE_NOT_APPROVED', `${what}\n${howToApprove(dir, bundle.version, null)}`)
}
