/**
 * Reads accesses at the desk, page after page, as a persona. Each page is on record as an access of its own. What was
 * missing when the first was read counts for all of them: it may have come since, in a place that was passed already.
 */
import type { AccessFilter, AccessPage, ReadAccess } from '../../schema/read-access.ts'
import { askDesk } from './ask-desk.ts'

const ACCESSES = `query Accesses($filter: AccessFilter, $first: Int!, $after: String) {
  accesses(filter: $filter, first: $first, after: $after) { next notRead keptFrom childrenErased unknown ofAgency
  accesses {
    eventId type at decision refusal child children by { subject name role agency } purpose caseKey threshold emergency
    lawfulBasis { article6 condition function } agreements operation bundle
    asked { custodian agency state recordTypes n } released withheld { rule reason n } steps { type at ended }
    tie relationshipLive } } }`

export interface ReadAccesses extends Omit<AccessPage, 'next'> {
  readonly more: boolean
}

/** @param most accesses at most; all where not given */
export async function readAccesses(
  persona: string,
  filter: AccessFilter,
  most = Number.POSITIVE_INFINITY,
): Promise<ReadAccesses> {
  const accesses: ReadAccess[] = []
  let after: string | null = null
  let missing: number | null = null
  for (;;) {
    const first = Math.min(100, most - accesses.length)
    const answer = await askDesk(persona, ACCESSES, { filter, first, after })
    const { next, notRead, ...page } = answer.accesses as unknown as AccessPage
    accesses.push(...page.accesses)
    after = next
    missing ??= notRead
    if (after === null || accesses.length >= most)
      return { ...page, accesses, more: after !== null, notRead: missing }
  }
}
