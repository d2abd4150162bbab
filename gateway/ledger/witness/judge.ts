/**
 * Whether a witness may cosign a checkpoint, by what it cosigned before (c2sp.org/tlog-witness). Pure. Refuses a log
 * that does not hold what it was seen to hold: one that was cut, or rewritten.
 */
import { Refusal } from '../../../schema/refusal.ts'
import type { Checkpoint } from '../tree/checkpoint.ts'
import { EMPTY_ROOT, provesGrowth } from '../tree/merkle.ts'
import type { Submission } from './submission.ts'

export type Judgement =
  | { readonly kind: 'grown' }
  /** the submission is about another size than the witness has; whoever asks may try again from this one */
  | { readonly kind: 'stale'; readonly size: number }

type Offered = Pick<Checkpoint, 'size' | 'root'>

/**
 * @param seen the last checkpoint that was cosigned; null for none
 * @throws Refusal SUBMISSION_MALFORMED, CHECKPOINT_FORKED where both cannot be true of one log, GROWTH_UNPROVEN
 */
export function judge(
  { old, proof }: Pick<Submission, 'old' | 'proof'>,
  offered: Offered,
  seen: Offered | null,
): Judgement {
  const before = seen ?? { size: 0, root: EMPTY_ROOT }
  if (old > offered.size)
    throw new Refusal(
      'SUBMISSION_MALFORMED',
      `a log of ${offered.size} records cannot have grown from ${old}; the old size is at most that of the checkpoint`,
    )
  if (old !== before.size) return { kind: 'stale', size: before.size }
  if (offered.size === before.size && !offered.root.equals(before.root))
    throw new Refusal(
      'CHECKPOINT_FORKED',
      `this log showed another root over the same ${before.size} records before: it was rewritten`,
    )
  const grown = before.size === 0 ? proof.length === 0 : provesGrowth(before, offered, proof)
  if (!grown)
    throw new Refusal(
      'GROWTH_UNPROVEN',
      `nothing proves that this log of ${offered.size} records still begins with the ${before.size} that were seen before`,
    )
  return { kind: 'grown' }
}
