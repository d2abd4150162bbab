/** The policies of Northshire with a change, as an IG lead would make it: in the text of their files. */
import type { PolicyBundle } from '../../../gateway/sharing/policy/bundle.ts'
import { readFolder } from '../../../gateway/sharing/policy/bundle-files.ts'
import { bundleFrom } from '../../../gateway/sharing/policy/load.ts'
import { policiesDir } from '../sharing/policy/asked.ts'

/** `file`, what stands there, and what takes its place; an empty `before` adds at the end. */
export type Edit = readonly [file: string, before: string, after: string]

/** @throws Error where the text to change is not in its file: the policies have moved on, and the test with them */
export async function changedBundle(...edits: readonly Edit[]): Promise<PolicyBundle> {
  const files = (await readFolder(policiesDir, [])).map(({ path, text }) => {
    const changed = edits.reduce((is, [file, before, after]) => {
      if (file !== path) return is
      if (!is.includes(before)) throw new Error(`${file} does not hold \`${before}\``)
      return before === '' ? `${is}\n${after}\n` : is.replace(before, () => after)
    }, text)
    return { path, text: changed }
  })
  for (const [file] of edits)
    if (!files.some(({ path }) => path === file)) throw new Error(`there is no ${file}`)
  return bundleFrom(files, () => {}, [])
}

export const lowerVetting: Edit = ['fields.cedar', 'principal.vetting >= 2', 'principal.vetting >= 1']

export const newForbid: Edit = [
  'fields.cedar',
  '',
  `@id("fields.no-names-in-triage")
@title("No names of others at the front door")
@reason("PURPOSE_DOES_NOT_NEED_THIS")
@disclose("subject")
forbid (principal, action == Action::"third-party", resource)
when { context.purpose == Purpose::"front-door-triage" };`,
]
