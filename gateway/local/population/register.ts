/**
 * What Northshire Council hands to the gateway about its own people: who works in the multi-agency child protection
 * team, by whose nomination, and on whose case. No person may add her own; this is the source.
 */
import type { RegisterFile } from '../../access/register-file.ts'
import { daysAfter, daysBefore } from './calendar.ts'
import { testNhsNumber } from './numbers.ts'
import { type Story, stories, storyChildren } from './stories.ts'

/** As `gateway/local/personas.ts` has them. */
export interface RegisteredPersona {
  readonly id: string
  readonly subject: string
  readonly name: string
  /** agency */
  readonly organisation: string
  readonly role: string
}

export interface RegisterOptions {
  readonly personas: readonly RegisteredPersona[]
  /** ISO date; every period is set from it */
  readonly today: string
  /** children of further custodians, such as those of the Department for Education's example files */
  readonly others?: readonly Omit<RegisterFile['cases'][number], 'reference' | 'practitioners'>[]
}

type Practitioner = RegisterFile['practitioners'][number]
type Assignment = RegisterFile['cases'][number]['practitioners'][number]

const SOURCE = "Northshire Council, children's services"

const organisationKinds: Readonly<Record<string, Practitioner['organisationKind']>> = {
  'northshire-council': 'local-authority',
  'northshire-police': 'police',
  'northshire-community-health': 'nhs',
  'northshire-hospital': 'nhs',
  'hollybank-school': 'education',
}

/** Police vetting held: 3 in the police, 2 for who sits beside them, 1 elsewhere, 0 where none was asked for. */
const vetting: Readonly<Record<string, number>> = {
  'macpt-police': 3,
  lcpp: 2,
  'macpt-health': 2,
  'macpt-education': 1,
}

/** Who may open emergency access to a child, by name (the partnership decides that, not the gateway). */
const mayBreakGlass = ['lcpp']

/** In the case by what right. The lapsed LCPP still has hers: it is the nomination that ended. */
const assignments: Readonly<Record<string, Assignment['kind']>> = {
  lcpp: 'allocated',
  'lapsed-lcpp': 'allocated',
  'macpt-police': 'strategy-invitee',
  'macpt-health': 'strategy-invitee',
  'macpt-education': 'duty',
}

/** Stories in whose case not the whole team is: by persona, those left out. */
const leftOut: Readonly<Record<string, readonly string[]>> = {
  'siblings-second': ['macpt-police', 'lapsed-lcpp'],
  'siblings-third': ['macpt-police', 'macpt-education', 'lapsed-lcpp'],
  'all-four-sibling': ['macpt-education', 'lapsed-lcpp'],
  'adopted-before': ['macpt-education', 'lapsed-lcpp'],
}

/** Stories in which a persona's part has ended (Lincolnshire: two weeks for a task, six months involved). */
const ended: Readonly<Record<string, readonly string[]>> = { 'long-chronology': ['macpt-health'] }

/** Every story has a case, `NS-2026-0001` onwards; the others follow, `NS-2026-9001` onwards. */
export const northshireRegister = ({ personas, today, others = [] }: RegisterOptions): RegisterFile => ({
  source: SOURCE,
  practitioners: personas.map((persona) => practitionerFor(persona, today)),
  nominations: personas.filter(({ id }) => id in assignments).map((persona) => nominationFor(persona, today)),
  cases: [
    ...stories.map((story, place) => ({
      reference: caseReference(place + 1),
      nhsNumber: numberOf(story),
      dateOfBirth: story.dateOfBirth,
      ...namesOf(story, today),
      labels: story.id === 'refuge' ? ['address-confidential' as const] : [],
      practitioners: personas.flatMap((persona) => assignmentFor(persona, story.id, today)),
    })),
    ...others.map((child, place) => ({
      reference: caseReference(9_001 + place),
      ...child,
      practitioners: personas.flatMap((persona) => assignmentFor(persona, '', today)),
    })),
  ],
  connections: [],
})

/** Every name by which the child is rightly known; of a number that nobody holds, the story's own. */
function namesOf({ nhsNumber, name }: Story, today: string) {
  const child = storyChildren(today).find((told) => told.child.nhsNumber === nhsNumber)?.child
  if (!child) return { givenNames: [name], familyNames: [name] }
  const { given, middle, nickname, family, formerFamily } = child
  return {
    givenNames: [[given, middle].filter(Boolean).join(' '), ...(nickname ? [nickname] : [])],
    familyNames: [family, ...(formerFamily ? [formerFamily] : [])],
  }
}

const caseReference = (serial: number) => `NS-2026-${String(serial).padStart(4, '0')}`

const practitionerFor = (
  { id, subject, name, organisation, role }: RegisteredPersona,
  today: string,
): Practitioner => ({
  subject,
  name,
  agency: organisation,
  role,
  organisationKind: organisationKinds[organisation] ?? 'voluntary',
  vetting: vetting[role] ?? 0,
  vettingUntil: role in vetting ? daysAfter(today, 700) : null,
  training: { until: daysAfter(today, 300) },
  breakGlass: mayBreakGlass.includes(id)
    ? { from: daysBefore(today, 200), until: daysAfter(today, 165) }
    : null,
  from: daysBefore(today, 900),
  until: null,
})

const nominationFor = ({ id, subject, role, organisation }: RegisteredPersona, today: string) => ({
  subject,
  role,
  from: daysBefore(today, 400),
  until: id === 'lapsed-lcpp' ? daysBefore(today, 31) : null,
  source: `nominated by ${organisation}`,
})

function assignmentFor({ id, subject }: RegisteredPersona, story: string, today: string): Assignment[] {
  const kind = assignments[id]
  if (kind === undefined || leftOut[story]?.includes(id)) return []
  const until = ended[story]?.includes(id) ? daysBefore(today, 7) : null
  return [{ subject, kind, from: daysBefore(today, 60), until }]
}

/** @throws where a story's number is not one of the test range: it was mistyped there */
function numberOf({ id, nhsNumber }: Story) {
  const number = testNhsNumber(Number(nhsNumber.slice(3, 9)))
  if (number !== nhsNumber) throw new Error(`story \`${id}\` has no valid test number`)
  return number
}
