/** Prints why a decision came out as it did: a block for each kind of record, a line for each step. */
import { heading, type Json, list, object, text, wrapped } from './print-value.ts'

const words = (value: unknown): string => (Array.isArray(value) ? value.map(text).join(', ') : '')

/** `narrative    no    FIELD_GROUP, by fields.police-narrative@1a2b3c4d` */
function stepLines(step: Json): string[] {
  const { action, allowed, reason, policies, nearest } = step
  const by = words(policies) ? `by ${words(policies)}` : 'nothing permits it'
  const why = allowed ? by : `${text(reason)}, ${by}`
  const first = `  ${text(action).padEnd(18)} ${allowed ? 'yes' : 'no '}  `
  return [...wrapped(why, first), ...nearestLines(nearest)]
}

function nearestLines(nearest: unknown): string[] {
  const { policy, title, unmet } = object(nearest)
  if (!policy) return []
  const indent = ' '.repeat(26)
  const conditions = Array.isArray(unmet) ? unmet.map(text) : []
  return [
    ...wrapped(`nearest: ${text(policy)} (${text(title)})`, indent),
    ...conditions.flatMap((condition) => wrapped(`fails: ${condition}`, indent)),
  ]
}

const recordsInWords = (n: unknown) => `${text(n)} record${n === 1 ? '' : 's'}`

export function printedExplanation({ bundle, classes, notAsked }: Json): string {
  const shown = list(classes).flatMap(({ custodian, recordType, about, n, steps }) => [
    ...heading(`${text(custodian)}: ${text(recordType)} about the ${text(about)}, ${recordsInWords(n)}`),
    ...list(steps).flatMap(stepLines),
  ])
  const unasked = list(notAsked).flatMap(({ custodian, recordType, reason, policies, nearest }) => [
    ...wrapped(
      `${text(reason)}${words(policies) ? `, by ${words(policies)}` : ', nothing permits it'}`,
      `  ${text(custodian)}: ${text(recordType)}  `,
    ),
    ...nearestLines(nearest),
  ])
  return [
    `Decided by the policies ${text(bundle)}.`,
    ...shown,
    ...(unasked.length > 0 ? [...heading('Not asked for'), ...unasked] : []),
    '',
    'What is never disclosed is not in this list, as if it had not been there.',
  ].join('\n')
}
