/**
 * Worked examples as people write them: who asks what about which record, what becomes of it, and because of which
 * policy. Refuses a key that it does not know, with file and line.
 */
import { readdir, readFile } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { z } from 'zod'
import { decidedGroups } from '../../schema/data-group.ts'
import { isDay } from '../sharing/policy/uk-day.ts'
import { readWithLines } from './yaml-lines.ts'

const word = z.string('a word is needed').min(1, 'a word is needed')
const changes = z.record(z.string(), z.unknown())
const groups = z
  .union([z.enum(decidedGroups), z.array(z.enum(decidedGroups)).min(1)])
  .transform((given) => [given].flat())

/** A day, or a minute of a day, by the clock in the United Kingdom. */
export const moment = z
  .string()
  .refine(
    (text) => /^\d{4}-\d{2}-\d{2}( ([01]\d|2[0-3]):[0-5]\d)?$/.test(text) && isDay(text.slice(0, 10)),
    'a day such as 2026-11-21 is needed, or a minute such as 2026-11-21 09:30',
  )

const expectation = z.union(
  [
    z.enum(['shown', 'silent', 'under review', 'accepted']),
    z
      .strictObject({
        shown: groups.optional(),
        partly: groups.optional(),
        masked: groups.optional(),
        withheld: word.optional(),
        'not asked': word.optional(),
        refused: word.optional(),
      })
      .refine((given) => Object.keys(given).length > 0, 'nothing is expected')
      .refine(
        (given) =>
          Object.keys(given).length === 1 || !(given.withheld ?? given['not asked'] ?? given.refused),
        '`withheld`, `not asked` and `refused` stand alone',
      ),
  ],
  'shown, silent, under review, accepted, shown: <group>, partly: <group>, masked: <group>, withheld: <reason>, not asked: <reason> or refused: <reason> is needed',
)

export const NOTHING = 'nothing permits it'
export const UNKNOWN = 'a code that is not listed'

const example = z.strictObject({
  /** one plain sentence */
  example: z.string('one plain sentence is needed').min(10, 'one plain sentence is needed'),
  /** a person of `cast.yaml`, several, or one with changes: `{ like: amina, vetting: 1 }` */
  who: z.union([word, z.array(z.union([word, changes])).min(1), changes]).optional(),
  /** a question of `cast.yaml`, or one with changes: `{ like: s17, consent: true }` */
  asks: z.union([word, changes]).optional(),
  /** a record type, or `{ type, from, labels, handling, subject }`, with one type or several */
  about: z.union([word, changes], 'a record type is needed, or { type: …, labels: […] }').optional(),
  on: moment.optional(),
  /** terms of the agreement to suppose otherwise: `{ suspended: true }` */
  agreement: changes.optional(),
  expect: expectation,
  /** code of the reason that is given for what is masked */
  reason: word.optional(),
  /** the policies that decide: all of them, and no other */
  because: z.union([word, z.array(word).min(1)], 'the id of the policy that decides is needed').optional(),
})

export type ExampleEntry = z.infer<typeof example>

export interface Example extends ExampleEntry {
  /** the file of policies or lists that it explains, such as `fields.cedar`, or an agency's folder */
  readonly explains: string
  /** file and line, such as `scenarios/fields.yaml:12` */
  readonly place: string
}

/** Files of the folder that hold no examples. */
export const CAST = 'scenarios/cast.yaml'
export const SURVIVORS = 'scenarios/survivors.yaml'

/** An agency's examples stand in its own folder, beside its rules. */
const AGENCY_EXAMPLES = /^(agencies\/[^/]+\/)examples\.yaml$/
const EXAMPLES = /^scenarios\/(.+)\.yaml$/

/**
 * @param dir the folder of policies; its examples are in `scenarios/`, one file for each file that they explain, and
 *   in the folders of agencies
 */
export async function readExamples(dir: string, faults: string[]): Promise<readonly Example[]> {
  const names = (await readdir(dir, { recursive: true })).map((name) => name.split(sep).join('/'))
  const paths = names
    .filter((path) => EXAMPLES.test(path) || AGENCY_EXAMPLES.test(path))
    .filter((path) => path !== CAST && path !== SURVIVORS)
    .sort()
  const files = await Promise.all(
    paths.map(async (path) => ({ path, text: await readFile(join(dir, path), 'utf8') })),
  )
  return files.flatMap(({ path, text }) => {
    const explains = explainedBy(path, names, faults)
    const read = readWithLines(path, text, z.array(example), faults)
    const first = new Map<string, string>()
    return (read?.data ?? []).map((entry, index) => {
      const place = `${path}:${read?.lineOf([index]) ?? 1}`
      const before = first.get(entry.example)
      if (before) faults.push(`${place}: the same sentence as ${before}; say what is different`)
      first.set(entry.example, place)
      return { ...entry, explains, place }
    })
  })
}

function explainedBy(path: string, names: readonly string[], faults: string[]): string {
  const folder = AGENCY_EXAMPLES.exec(path)?.[1]
  if (folder !== undefined) {
    if (!names.some((name) => name.startsWith(folder) && name.endsWith('.cedar')))
      faults.push(`${path}:1: there is no rule in \`${folder}\` that it could explain; remove it`)
    return folder
  }
  const name = EXAMPLES.exec(path)?.[1] ?? ''
  const explains = [`${name}.cedar`, `${name}.yaml`].find((file) => names.includes(file))
  if (!explains) faults.push(`${path}:1: there is no \`${name}.cedar\` that it could explain; rename it`)
  return explains ?? path
}

/** Where the examples of a file of policies belong. */
export const examplesOf = (file: string): string =>
  file.startsWith('agencies/')
    ? file.replace(/[^/]+$/, 'examples.yaml')
    : `scenarios/${file.replace(/\.cedar$/, '.yaml')}`
