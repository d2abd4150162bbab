/**
 * `manifest.yaml`: who approved which bundle in place of which. It lies beside the bundle and is no part of its
 * version, so that an approval does not change what it approves. One person is one approval, however often named.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { readYaml } from './bundle-files.ts'
import { isDay } from './uk-day.ts'

export const MANIFEST = 'manifest.yaml'
/** People, each under a name of her own, who must approve what widens. */
export const NEEDED = 2

export const isVersion = (text: string): boolean => /^sha256:[0-9a-f]{64}$/.test(text)

const version = z.string().refine(isVersion, 'a version such as sha256:… is needed, with 64 digits')
const words = z.string().trim().min(1, 'words are needed')

const approval = z.strictObject({
  name: words,
  post: words,
  agency: words,
  on: z.string().refine(isDay, 'a day such as 2026-11-21 is needed'),
  because: words.optional(),
})
export type Approval = z.infer<typeof approval>

const entry = z.strictObject({
  bundle: version,
  /** the bundle in whose place it was approved; null for the first of a partnership */
  replaces: version.nullable(),
  approved: z.array(approval),
})
export type Entry = z.infer<typeof entry>

/** In the order of the file: the newest last. */
export type Manifest = readonly Entry[]

/** @param faults receives a line for each fault; with any, nothing is approved */
export function manifestFrom(text: string, faults: string[]): Manifest {
  return readYaml([{ path: MANIFEST, text }], MANIFEST, z.array(entry).nullable(), faults) ?? []
}

/** @returns the text of the file, empty where there is none */
export const manifestText = (dir: string): Promise<string> =>
  readFile(join(dir, MANIFEST), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return ''
    throw error
  })

const nameKey = (name: string): string => name.normalize('NFKC').toLowerCase().replace(/\s+/g, ' ').trim()

export const isSameName = (one: string, other: string): boolean => nameKey(one) === nameKey(other)

/** How many more people must approve. */
export const missing = ({ approved }: Pick<Entry, 'approved'>): number =>
  Math.max(0, NEEDED - new Set(approved.map(({ name }) => nameKey(name))).size)

/**
 * @param from the version that was live last; null where none was
 * @returns true where approved entries lead from it to the other, each in place of the one before
 */
export function approvedPath(manifest: Manifest, from: string | null, to: string): boolean {
  const approved = manifest.filter((each) => missing(each) === 0)
  if (from === null) return approved.some(({ bundle }) => bundle === to)
  const reached = new Set([from])
  for (const version of reached)
    for (const { bundle, replaces } of approved) if (replaces === version) reached.add(bundle)
  return reached.has(to)
}

/** An approval as the shelf keeps it once a bundle went live by it. */
export type UsedApproval = Approval & { readonly replaces: string | null }

/** What may still be used: an approval lets a bundle live once, and not again after it was taken back. */
export const unused = (manifest: Manifest, to: string, used: readonly UsedApproval[]): Manifest =>
  manifest.map((each) =>
    each.bundle === to
      ? {
          ...each,
          approved: each.approved.filter((approval) => !used.some((past) => isUsed(past, each, approval))),
        }
      : each,
  )

const isUsed = (past: UsedApproval, { replaces }: Entry, { name, on }: Approval): boolean =>
  past.replaces === replaces && past.on === on && isSameName(past.name, name)

export const approvalsOf = (manifest: Manifest, version: string): UsedApproval[] =>
  manifest
    .filter(({ bundle }) => bundle === version)
    .flatMap(({ replaces, approved }) => approved.map((each) => ({ ...each, replaces })))
