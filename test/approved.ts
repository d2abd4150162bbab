/** Approves a folder of policies under two invented names, whatever is in it, so that a test's gateway may start. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { readFolder, versionOf } from '../gateway/sharing/policy/bundle-files.ts'
import { type Approval, MANIFEST, manifestFrom, manifestText } from '../gateway/sharing/policy/manifest.ts'

const approval = (name: string, post: string, agency: string): Approval => ({
  name,
  post,
  agency,
  on: '2026-11-20',
})

export const approvals: readonly Approval[] = [
  approval('Samuel Osei', 'information governance lead', 'northshire-council'),
  approval('Margaret Lindqvist', 'Caldicott guardian', 'northshire-hospital'),
]

/** In place of the newest bundle of the manifest, or of `replaces` where that is given. */
export async function approve(dir: string, replaces?: string): Promise<void> {
  const bundle = versionOf(await readFolder(dir, []))
  const manifest = manifestFrom(await manifestText(dir), [])
  if (replaces === undefined && manifest.at(-1)?.bundle === bundle) return
  const entry = { bundle, replaces: replaces ?? manifest.at(-1)?.bundle ?? null, approved: approvals }
  await writeFile(join(dir, MANIFEST), stringify([...manifest, entry]))
}
