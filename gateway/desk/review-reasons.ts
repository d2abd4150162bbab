/** Reads the reason classes with which an agency's own person decides not to share. Refuses a list with any fault. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'
import { Refusal } from '../../schema/refusal.ts'

const ReviewReasons = z
  .array(
    z.strictObject({
      code: z.string().regex(/^[A-Z]+(_[A-Z]+)*$/),
      /** what a practitioner reads, where the decision is acknowledged */
      words: z.string().min(1),
      /** the person to turn to */
      route: z.string().min(1),
      /** what the test of Children Act 2004 s.16LA must have said; either where it is left out */
      moreDetrimental: z.boolean().optional(),
    }),
  )
  .min(1)

export type ReviewReason = z.infer<typeof ReviewReasons>[number]
export type ReviewReasons = ReadonlyMap<string, ReviewReason>

export const REVIEW_REASONS = 'review-reasons.yaml'

/** @param dir the folder of policies, of which the list is a part */
export async function readReviewReasons(dir: string): Promise<ReviewReasons> {
  const text = await readFile(join(dir, REVIEW_REASONS), 'utf8').catch(() => null)
  if (text === null) throw invalid(['the file is missing or cannot be read'])
  const read = ReviewReasons.safeParse(parse(text))
  if (!read.success)
    throw invalid(read.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`))
  const reasons = new Map(read.data.map((reason) => [reason.code, reason]))
  if (reasons.size < read.data.length) throw invalid(['a code is there twice'])
  return reasons
}

const invalid = (faults: readonly string[]) =>
  new Refusal('REVIEW_REASONS_INVALID', `${REVIEW_REASONS} cannot be used:\n  ${faults.join('\n  ')}`)
