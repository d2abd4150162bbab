/**
 * What of an edit can be taken over at once: what is shared before, less whatever the edit takes away. An agreement
 * whose file is missing or cannot be read no longer applies. Whatever could share more stays as it was.
 */
import { parseDocument } from 'yaml'
import type { z } from 'zod'
import { Refusal } from '../../../schema/refusal.ts'
import { agreementFile } from './agreement.ts'
import type { PolicyBundle } from './bundle.ts'
import { type BundleFile, isAgreement, readYaml, versionOf } from './bundle-files.ts'
import { widens } from './change.ts'
import { agencyOf } from './house-rules.ts'

export interface Narrowed {
  /** what people decided: later edits are compared with it */
  readonly standing: readonly BundleFile[]
  /** what decides now: `standing`, without agreements whose files may be written anew any moment */
  readonly live: readonly BundleFile[]
}

/**
 * Both results are whole bundles that are proved to share no more than `before`.
 * @param before files of a bundle that could be loaded
 * @param whole `after` could be loaded: then an agreement that is missing was taken out, and stays out
 * @param load `bundleFrom`, as often as the caller likes to do it
 * @see docs/decisions/0012-what-narrows-is-live-at-once.md
 */
export function narrowed(
  before: readonly BundleFile[],
  after: readonly BundleFile[],
  whole: boolean,
  load: (files: readonly BundleFile[]) => PolicyBundle,
): Narrowed {
  const fates = new Map(
    before.filter(({ path }) => isAgreement(path)).map((file) => [file.path, fateOf(file, after)]),
  )
  const withFates = (change: (file: BundleFile, fate: Fate) => BundleFile) =>
    before.map((file) => {
      const fate = fates.get(file.path)
      return fate ? change(file, fate) : file
    })
  const decided = ({ kind }: Fate) => kind === 'narrower' || (kind === 'gone' && whole)
  const taken = withFates((file, fate) => {
    if (!decided(fate)) return file
    return fate.kind === 'narrower' ? { ...file, text: fate.text } : suspended(file)
  })
  // a row that reaches less far may let an older one apply in its place; one that is suspended keeps its place
  const safe = isNoWider(load, before, taken)
    ? taken
    : withFates((file, fate) => (decided(fate) ? suspended(file) : file))
  const standing = withOwnRules(safe, after, load)
  const lost = (path: string) => ['gone', 'unreadable'].includes(fates.get(path)?.kind ?? '')
  return { standing, live: standing.map((file) => (lost(file.path) ? suspended(file) : file)) }
}

type Terms = z.infer<typeof agreementFile>
type Fate =
  | { readonly kind: 'as-before' | 'unreadable' | 'gone' }
  | { readonly kind: 'narrower'; readonly text: string }

/** An agreement is found again by id and version, whatever its file is called now, else by id in the same file. */
function fateOf(file: BundleFile, after: readonly BundleFile[]): Fate {
  const terms = termsOf(file)
  if (!terms) throw new Error(`${file.path}: it was read before`)
  const there = after.find(({ path }) => path === file.path)
  if (there?.text === file.text) return { kind: 'as-before' }
  if (there && !termsOf(there)) return { kind: 'unreadable' }
  const rows = after.filter(({ path }) => isAgreement(path)).flatMap(rowOf)
  const found =
    rows.find((row) => row.terms.id === terms.id && row.terms.version === terms.version) ??
    rows.find((row) => row.path === file.path && row.terms.id === terms.id)
  if (!found) return { kind: 'gone' }
  const common = commonTerms(terms, found.terms)
  if (common && same(common, found.terms)) return { kind: 'narrower', text: found.text }
  if (common && same(common, terms)) return { kind: 'as-before' }
  return { kind: 'narrower', text: common ? rewritten(file.text, common) : suspended(file).text }
}

function rowOf(file: BundleFile): (BundleFile & { readonly terms: Terms })[] {
  const terms = termsOf(file)
  return terms ? [{ ...file, terms }] : []
}

const termsOf = (file: BundleFile): Terms | null => readYaml([file], file.path, agreementFile, [])

/** What both grant, under the restrictions and duties of both; null where they have nothing in common. */
function commonTerms(one: Terms, other: Terms): Terms | null {
  const both = (list: readonly string[], second: readonly string[]) =>
    list.filter((each) => second.includes(each))
  const all = (list: readonly string[], second: readonly string[]) => [...new Set([...list, ...second])]
  const common: Terms = {
    ...one,
    parties: {
      source: {
        agency: one.parties.source.agency,
        custodians: both(one.parties.source.custodians, other.parties.source.custodians),
      },
      recipients: both(one.parties.recipients, other.parties.recipients),
    },
    recordTypes: both(one.recordTypes, other.recordTypes),
    purposes: both(one.purposes, other.purposes),
    bases: both(one.bases, other.bases),
    thresholds: both(one.thresholds, other.thresholds),
    starts: one.starts > other.starts ? one.starts : other.starts,
    ends: one.ends < other.ends ? one.ends : other.ends,
    suspended: one.suspended || other.suspended,
    restrictions: all(one.restrictions, other.restrictions),
    duties: all(one.duties, other.duties),
  }
  const sameSource = one.parties.source.agency === other.parties.source.agency
  return sameSource && agreementFile.safeParse(common).success ? common : null
}

/** Grants alike: titles, versions and the order of lists aside. */
function same(one: Terms, other: Terms): boolean {
  const granted = ({ title: _title, version: _version, ...terms }: Terms) =>
    JSON.stringify(terms, (_, value: unknown) => (Array.isArray(value) ? value.toSorted() : value))
  return granted(one) === granted(other)
}

/** The file with other terms, its comments and its layout kept. */
function rewritten(text: string, terms: Partial<Terms>): string {
  const document = parseDocument(text)
  const before = document.toJS() as Record<string, unknown>
  const changed = Object.entries(terms).filter(
    ([key, value]) => JSON.stringify(before[key]) !== JSON.stringify(value),
  )
  for (const [key, value] of changed) document.set(key, value)
  return changed.length > 0 ? document.toString({ lineWidth: 0 }) : text
}

const suspended = (file: BundleFile): BundleFile => ({
  ...file,
  text: rewritten(file.text, { suspended: true }),
})

/** What an agency keeps back in its own folder holds at once, whatever else waits. */
function withOwnRules(
  files: readonly BundleFile[],
  after: readonly BundleFile[],
  load: (files: readonly BundleFile[]) => PolicyBundle,
): readonly BundleFile[] {
  let held = files
  for (const file of after) {
    if (
      agencyOf(file.path) === null ||
      held.some(({ path, text }) => path === file.path && text === file.text)
    )
      continue
    const tried = [...held.filter(({ path }) => path !== file.path), file].sort(byPath)
    if (isNoWider(load, held, tried)) held = tried
  }
  return held
}

const byPath = (one: BundleFile, other: BundleFile): number => (one.path < other.path ? -1 : 1)

function isNoWider(
  load: (files: readonly BundleFile[]) => PolicyBundle,
  before: readonly BundleFile[],
  after: readonly BundleFile[],
): boolean {
  if (versionOf(before) === versionOf(after)) return true
  try {
    return widens(load(before), load(after)).length === 0
  } catch (error) {
    if (error instanceof Refusal) return false // it is no whole bundle
    throw error
  }
}
