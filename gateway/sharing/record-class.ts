/** What policy may see of a record: its class, never its content. */
import type { Custodian, CustodianReply, PersonHeld } from '../../adapters/contract.ts'
import type { SourceRecord } from '../../schema/record.ts'
import type { RecordClass } from './policy/decide.ts'

/** 3x5x2 handling codes and the assessment E are conditions of handling, wherever the custodian wrote them. */
const INTELLIGENCE_HANDLING: Readonly<Record<string, string>> = { P: 'intelligence-p', C: 'intelligence-c' }

/** A record as far as its class depends on it. */
type Classed = Pick<SourceRecord, 'type' | 'labels' | 'handling' | 'about' | 'fields'>

/** Intelligence without a handling code that we know gets one that no policy knows: it is denied. */
function handlingOf({ type, handling, fields }: Classed): string[] {
  if (type !== 'police.intelligence') return [...handling]
  const { handlingCode, assessment } = fields
  const graded = INTELLIGENCE_HANDLING[String(handlingCode)] ?? 'intelligence-ungraded'
  return [...new Set([...handling, graded, ...(assessment === 'E' ? ['assessment-e'] : [])])]
}

/**
 * One agency may know of the refuge while another does not: this label, on the child anywhere, holds for what every
 * custodian says of her. A hidden address is not revealed by whoever was not told.
 */
const HOLDS_EVERYWHERE = ['address-confidential']

/** @param replies all that came, also from custodians whose identity or records are in doubt */
export const labelsEverywhere = (
  replies: readonly CustodianReply[],
  caseLabels: readonly string[],
): string[] => {
  const labels = replies.flatMap((reply) =>
    reply.kind === 'held' ? [...reply.people, ...reply.records].flatMap((each) => each.labels) : [],
  )
  return HOLDS_EVERYWHERE.filter((label) => labels.includes(label) || caseLabels.includes(label))
}

/** Labels on any person under the number hold for every record under it. */
function labelsOf(
  { isPlace }: Custodian,
  people: readonly PersonHeld[],
  record: Classed,
  everywhere: readonly string[],
): string[] {
  const labels = [...people.flatMap((person) => person.labels), ...record.labels, ...everywhere]
  const betrays = isPlace && labels.includes('address-confidential') ? ['betrays-whereabouts'] : []
  return [...new Set([...labels, ...betrays])].sort()
}

/** @param reviewed record types that the custodian's own person decided to share in this case */
export const recordClass = (
  custodian: Custodian,
  people: readonly PersonHeld[],
  record: Classed,
  everywhere: readonly string[],
  reviewed: readonly string[],
): RecordClass => ({
  custodian: custodian.id,
  agency: custodian.agency,
  sector: custodian.sector,
  recordType: record.type,
  labels: labelsOf(custodian, people, record, everywhere),
  handling: handlingOf(record).sort(),
  subject: record.about,
  reviewed: reviewed.includes(record.type),
})
