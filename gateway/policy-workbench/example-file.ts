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
    z.enum(['shown', 'silent', 'accepted']),
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
  'shown, silent, accepted, shown: <group>, partly: <group>, masked: <group>, withheld: <reason>, not asked: <reason> or refused: <reason> is needed',
)

export const NOTHING = 'nothing permits it'
export const UNKNOWN = 'a code that is not listed'

const example = z.strictObject({
  /** one plain sentence */
  example: z.string('one plain sentence is needed').min(10, 'one plain sentence is needed'),
  /** a person of `cast.yaml`, several, or one with changes: `{ like: amina, vetting: 1 }` */
  who: z.union([word, z.array(word).min(1), changes]).optional(),
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
  /** the file of policies or lists that it explains, such as `fields.cedar` */
  readonly explains: string
  /** file and line, such as `scenarios/fields.yaml:12` */
  readonly place: string
}

/** Files of the folder that hold no examples. */
export const CAST = 'scenarios/cast.yaml'
export const SURVIVORS = 'scenarios/survivors.yaml'

/** @param dir the folder of policies; its examples are in `scenarios/`, one file for each file that they explain */
export async function readExamples(dir: string, faults: string[]): Promise<readonly Example[]> {
  const names = await readdir(join(dir, 'scenarios'), { recursive: true }).catch(() => [])
  const paths = names
    .map((name) => `scenarios/${name.split(sep).join('/')}`)
    .filter((path) => path.endsWith('.yaml') && path !== CAST && path !== SURVIVORS)
    .sort()
  const files = await Promise.all(
    paths.map(async (path) => ({ path, text: await readFile(join(dir, path), 'utf8') })),
  )
  const policies = (await readdir(dir, { recursive: true })).map((name) => name.split(sep).join('/'))
  return files.flatMap(({ path, text }) => {
    const name = path.slice('scenarios/'.length, -'.yaml'.length)
    const explains = [`${name}.cedar`, `${name}.yaml`].find((file) => policies.includes(file))
    if (!explains) faults.push(`${path}:1: there is no \`${name}.cedar\` that it could explain; rename it`)
    const read = readWithLines(path, text, z.array(example), faults)
    const first = new Map<string, string>()
    return (read?.data ?? []).map((entry, index) => {
      const place = `${path}:${read?.lineOf([index]) ?? 1}`
      const before = first.get(entry.example)
      if (before) faults.push(`${place}: the same sentence as ${before}; say what is different`)
      first.set(entry.example, place)
      return { ...entry, explains: explains ?? path, place }
    })
  })
}
