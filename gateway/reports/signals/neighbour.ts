/**
 * Asked about a child of her own postcode. Sightline holds no address of anybody's: the partnership gives a file, which
 * is read for this report and kept nowhere.
 */
import { z } from 'zod'
import { isPseudonym } from '../../ledger/pseudonym.ts'
import { type Question, type Signal, signalAt } from './signal.ts'

const postcode = z
  .string()
  .transform((text) => text.replaceAll(/\s/g, '').toUpperCase())
  .refine((text) => /^[A-Z]{1,2}\d[A-Z\d]?\d[A-Z]{2}$/.test(text), 'is no full postcode')

/** Children by pseudonym. */
export const NeighbourFile = z.strictObject({
  staff: z.array(z.strictObject({ subject: z.string().min(1), postcode })),
  children: z.array(
    z.strictObject({
      child: z.string().refine((text): boolean => isPseudonym(text), 'is no pseudonym'),
      postcode,
    }),
  ),
})
export type NeighbourFile = z.infer<typeof NeighbourFile>

/** @returns with the signals whose postcode the file does not hold: nothing was compared for them */
export function neighbourSignals(
  questions: readonly Question[],
  { staff, children }: NeighbourFile,
): { signals: Signal[]; notCompared: number } {
  const homes = new Map(staff.map((each) => [each.subject, each.postcode]))
  const places = new Map(children.map((each) => [each.child, each.postcode]))
  const known = questions.filter(({ by, child }) => homes.has(by.subject) && places.has(child))
  const near = known.filter(({ by, child }) => homes.get(by.subject) === places.get(child))
  return {
    signals: near.map((question) =>
      signalAt('neighbour', question, 'she and the child live in one postcode'),
    ),
    notCompared: questions.length - known.length,
  }
}
