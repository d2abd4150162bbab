/** Draws what is asked of a hidden pair: whole pictures, pages behind a cursor, sectors under other names, and nonsense. */
import { pictureDocument } from '../../gateway/commands/picture-document.ts'
import { pick, type Random } from '../../gateway/policy-workbench/draw.ts'

export interface Question {
  readonly document: string
  readonly extra?: Readonly<Record<string, unknown>>
}

const OPENING = 'query Q($nhsNumber: String!, $reason: AccessReason!'
const CHILD = 'child(nhsNumber: $nhsNumber, reason: $reason)'
const PAGE_DOCUMENT = `${OPENING}, $first: Int!, $after: String) { ${CHILD} {
  page: chronology(first: $first, after: $after) {
    rows { recordId eventTime title summary custodian } endCursor hasNextPage
    undated { recordId } unsearched { custodian from until why } nobodySearched { from until } }
  all: chronology(first: 200) { rows { recordId } endCursor hasNextPage }
} }`
const SECTORS = [
  'police { a: crimes { recordId reference masked { field reason { code } } } b: intelligence { recordId } }',
  'health { encounters { recordId service } c: conditions { recordId condition } flags { recordId } }',
  'education { attendance { recordId } d: suspensions { recordId category } }',
  'socialCare { contacts { recordId stage } e: assessments { recordId } }',
]
const ANSWERS =
  'custodians { custodian state asOf fresh searched { from until } reason { code } alsoWithheld { code } }'

export const page = (first: number): Question => ({ document: PAGE_DOCUMENT, extra: { first } })

/** No such field: refused before anybody is asked. */
export const NONSENSE: Question = { document: `${OPENING}) { ${CHILD} { nothingOfThatName } }` }

export function drawQuestion(random: Random): Question {
  const chance = random()
  if (chance < 0.03) return { document: pictureDocument }
  if (chance < 0.04) return { document: pictureDocument, extra: { givenName: 'Nobody' } }
  if (chance < 0.22) return page(1 + Math.floor(random() * 3))
  if (chance < 0.25) return { document: PAGE_DOCUMENT, extra: { first: -1, after: 'no-such-cursor' } }
  if (chance < 0.28) return NONSENSE
  return answeredQuestion(random)
}

/** Asks the custodians of every sector, and reads one of them. */
export const answeredQuestion = (random: Random): Question => ({
  document: `${OPENING}) { ${CHILD} { policies ${ANSWERS} ${pick(random, SECTORS)} } }`,
})
