/**
 * Prints what each custodian's answer amounts to, and what nobody answered. A custodian that was not asked or did not
 * answer never reads as one that knows nothing.
 */
import { type AnswerState, answerStates } from '../../schema/answer-state.ts'
import { heading, type Json, list, lower, object, text, when, wrapped } from './print-value.ts'

const STATES = Object.keys(answerStates) as AnswerState[]

/** A custodian in one of these looked for the child; in the others it says nothing about what it knows. */
const ANSWERED: readonly string[] = [
  'RECORDS_SHOWN',
  'NO_DISCLOSABLE_RECORD',
  'WITHHELD',
  'IDENTITY_UNCONFIRMED',
] satisfies AnswerState[]

export const hasAnswered = ({ state }: Json): boolean => ANSWERED.includes(text(state))

const reasonInWords = (reason: Json): string => `${text(reason.words)} [${text(reason.code)}]`

/** The words of a state without those that its code says already. */
function stateInWords(state: unknown): string {
  const code = text(state)
  const words = text(answerStates[code as AnswerState])
  const again = `${code.toLowerCase().replaceAll('_', ' ')}: `
  return words.startsWith(again) ? words.slice(again.length) : words
}

/** The reason says more than the state, except where it is the same word. */
const whyOf = ({ state, reason }: Json): string | null => {
  const given = object(reason)
  return given.code && given.code !== state ? reasonInWords(given) : null
}

function ringWords(contact: Json): string {
  const { name, telephone, emergencyTelephone } = contact
  const outOfHours = emergencyTelephone ? `; out of hours ${text(emergencyTelephone)}` : ''
  return /\d/.test(text(telephone))
    ? `ring ${text(name)}, ${text(telephone)}${outOfHours}`
    : `contact: ${text(name)}; telephone ${text(telephone)}`
}

function freshness(answer: Json): string[] {
  if (!hasAnswered(answer)) return []
  if (!answer.asOf) return ['does not say how recent its data are']
  return [`data as of ${when(answer.asOf)}${answer.fresh === false ? ', older than it promises' : ''}`]
}

function answerLines(answer: Json): string[] {
  const why = whyOf(answer)
  const indent = '      '
  return [
    ...wrapped([text(answer.name), ...freshness(answer)].join(' · '), '  • '),
    ...(why ? wrapped(why, indent) : []),
    ...(hasAnswered(answer) && list(answer.notAskedFor).length > 0
      ? wrapped('not asked for every kind of record; its sector below says for which', indent)
      : []),
    ...list(answer.alsoWithheld).flatMap((reason) =>
      wrapped(`also withheld: ${reasonInWords(reason)}`, indent),
    ),
    ...wrapped(ringWords(object(answer.contact)), indent),
  ]
}

/** By state, so that all that is missing stands together. */
export const whoAnswered = (answers: readonly Json[]): string[] => [
  ...heading('Who answered'),
  ...STATES.flatMap((state) => {
    const group = answers.filter((answer) => answer.state === state)
    return group.length === 0
      ? []
      : [...wrapped(`${state}: ${stateInWords(state)}`), ...group.flatMap(answerLines)]
  }),
]

const absenceInWords = ({ name, ...answer }: Json): string => {
  const { state } = answer
  const words =
    state === 'RECORDS_SHOWN' ? 'what it shows stands above' : (whyOf(answer) ?? stateInWords(state))
  return `${text(name)} · ${text(state)}: ${words}`
}

const unaskedInWords = ({ name, notAskedFor }: Json): readonly string[] =>
  list(notAskedFor).map(({ kinds, reason }) => {
    const titles = list(kinds).map((kind) => lower(text(kind)))
    return `${text(name)} was not asked for ${titles.join(', ')}: ${reasonInWords(object(reason))}`
  })

/**
 * What is missing from a sector, and why.
 * @param answers of the sector's custodians
 * @param shownBy those of them with a record in it
 */
export function gapLines(answers: readonly Json[], shownBy: ReadonlySet<unknown>): string[] {
  const absences = answers.filter(({ custodian }) => !shownBy.has(custodian)).map(absenceInWords)
  const gaps = [...absences, ...answers.filter(hasAnswered).flatMap(unaskedInWords)]
  return gaps.length === 0 ? [] : ['Missing here, and why:', ...gaps.flatMap((gap) => wrapped(gap, '  '))]
}

function periodWords({ from, until }: Json): string {
  if (from && until) return `from ${when(from)} until ${when(until)}`
  if (from) return `from ${when(from)}`
  return until ? `until ${when(until)}` : 'does not say which period it holds'
}

/** Only of these can it be said that they searched for what happened to this child. */
const hasSearched = ({ state }: Json): boolean =>
  state === 'RECORDS_SHOWN' || state === 'NO_DISCLOSABLE_RECORD'

/** Which time each custodian that searched looked through, and the times that none of them did. */
export function searchedLines(answers: readonly Json[], nobody: readonly Json[]): string[] {
  const searched = answers.filter(hasSearched)
  const column = Math.max(...searched.map(({ name }) => text(name).length), 0) + 2
  return [
    ...heading('Periods searched'),
    ...searched.map(
      (answer) => `  ${text(answer.name).padEnd(column)}${periodWords(object(answer.searched))}`,
    ),
    ...(searched.length === 0 ? ['  No custodian searched any period.'] : []),
    ...nobody
      .filter(({ from, until }) => from || until)
      .flatMap((period) =>
        wrapped(
          `Searched by nobody: ${period.from ? `after ${when(period.from)}` : ''}${period.from && period.until ? ' and ' : ''}${period.until ? `before ${when(period.until)}` : ''}.`,
          '  ',
        ),
      ),
  ]
}

/** The last words, where the eye rests: how many answered of how many, and who did not. */
export function tallyLines(answers: readonly Json[]): string[] {
  const missing = answers.filter((answer) => !hasAnswered(answer))
  const tally = `${answers.length - missing.length} of ${answers.length} custodians answered.`
  if (missing.length === 0) return ['', tally]
  const column = Math.max(...missing.map(({ state }) => text(state).length)) + 2
  return [
    '',
    ...wrapped(`${tally} The others say nothing about what they know:`),
    ...missing.map(({ state, name }) => `  ${text(state).padEnd(column)}${text(name)}`),
  ]
}
