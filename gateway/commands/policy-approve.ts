/**
 * `sightline policy approve` says in `manifest.yaml` that a person approves the folder as it is now. Refuses a bundle
 * that could not be loaded, and a second approval under one name.
 */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Command } from 'commander'
import { isSeq, parseDocument, YAMLSeq } from 'yaml'
import { Refusal } from '../../schema/refusal.ts'
import { loadBundle } from '../sharing/policy/load.ts'
import {
  type Approval,
  type Entry,
  isSameName,
  isVersion,
  MANIFEST,
  type Manifest,
  manifestFrom,
  manifestText,
  missing,
} from '../sharing/policy/manifest.ts'
import { ukDayOf } from '../sharing/policy/uk-day.ts'

interface Options {
  readonly dir: string
  readonly name: string
  readonly post: string
  readonly agency: string
  readonly replaces?: string
  readonly because?: string
}

export const policyApproveCommand = () =>
  new Command('approve')
    .description(
      'approve the folder of policies as it is now; what shares more goes live when two people did',
    )
    .option('--dir <folder>', 'the folder of policies', 'policies')
    .requiredOption('--name <name>', 'who approves')
    .requiredOption('--post <post>', 'her post, such as "information governance lead"')
    .requiredOption('--agency <agency>', 'her agency, such as northshire-council')
    .option('--replaces <version>', 'in place of which bundle; the newest of manifest.yaml where not given')
    .option('--because <words>', 'why')
    .action(async (options: Options) => {
      const entry = await approve(options, ukDayOf(new Date()))
      const wanting = missing(entry)
      process.stdout.write(
        `${entry.bundle}, in place of ${entry.replaces ?? 'none'}, is approved by ${entry.approved.map(({ name }) => name).join(', ')}\n${
          wanting === 0 ? 'no more approvals are needed' : `${wanting} more is needed, under another name`
        }\n`,
      )
    })

/**
 * @param today the day of the approval
 * @throws Refusal POLICY_BUNDLE_INVALID, POLICY_MANIFEST_INVALID, POLICY_APPROVED_ALREADY, POLICY_VERSION_UNKNOWN
 * @returns the entry with the approval
 */
export async function approve({ dir, replaces, ...given }: Options, today: string): Promise<Entry> {
  if (replaces !== undefined && !isVersion(replaces))
    throw new Refusal(
      'POLICY_VERSION_UNKNOWN',
      `\`${replaces}\` is no version; one reads sha256: and 64 digits`,
    )
  const { version } = await loadBundle(dir)
  const text = await manifestText(dir)
  const faults: string[] = []
  const manifest = manifestFrom(text, faults)
  if (faults.length > 0)
    throw new Refusal('POLICY_MANIFEST_INVALID', ['mend the manifest first:', ...faults].join('\n- '))

  const { because } = given
  const [name, post, agency] = [given.name.trim(), given.post.trim(), given.agency.trim()]
  const approval = { name, post, agency, on: today, ...(because === undefined ? {} : { because }) }
  const place = placeFor(manifest, version, replaces, today)
  const entry = manifest[place]
  const double = entry?.approved.find((each) => isSameName(each.name, name))
  if (double)
    throw new Refusal(
      'POLICY_APPROVED_ALREADY',
      `\`${double.name}\` approved this bundle on ${double.on} already; another person is needed, or --replaces where it is meant in place of another bundle`,
    )
  const next = entry
    ? { ...entry, approved: [...entry.approved, approval] }
    : { bundle: version, replaces: replaces ?? manifest.at(-1)?.bundle ?? null, approved: [approval] }
  const written = withApproval(text, place, next, approval)
  manifestFrom(written, faults)
  if (faults.length > 0)
    throw new Refusal('POLICY_APPROVAL_INCOMPLETE', ['this is no approval:', ...faults].join('\n- '))
  await writeFile(join(dir, MANIFEST), written)
  return next
}

/** The entry to which an approval belongs, or the place of a new one: an approval lets a bundle live only once. */
function placeFor(manifest: Manifest, version: string, replaces: string | undefined, today: string): number {
  const newest = manifest.at(-1)
  const over = replaces ?? (newest?.bundle === version ? newest.replaces : newest?.bundle)
  const place = manifest.findLastIndex((entry) => entry.bundle === version && entry.replaces === over)
  const entry = manifest[place]
  const anew = replaces !== undefined && entry?.approved.every(({ on }) => on < today) && missing(entry) === 0
  return entry && !anew ? place : manifest.length
}

/** The text with everything else as it stood, its comments included. */
function withApproval(text: string, place: number, entry: Entry, approval: Approval): string {
  const document = parseDocument(text)
  if (!isSeq(document.contents)) document.contents = new YAMLSeq() as typeof document.contents
  const approved = document.getIn([place, 'approved'])
  if (isSeq(approved)) approved.add(document.createNode(approval))
  else document.addIn([], document.createNode(entry))
  return document.toString({ lineWidth: 0 })
}
