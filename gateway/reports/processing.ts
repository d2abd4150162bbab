/**
 * Records of processing activities (UK GDPR Article 30(1); DPA 2018 s.61 for the police), one for each sharing agreement,
 * as far as agreements, lawful bases and custodians tell. What they do not tell is named as missing, never guessed.
 */
import { recordTypeNamed } from '../../schema/record-types.ts'
import { heading, wrapped } from '../commands/print-value.ts'
import { type Agreement, stateOf } from '../sharing/policy/agreement.ts'
import type { PolicyBundle } from '../sharing/policy/bundle.ts'
import type { ListedCustodian } from './custodian-list.ts'

export interface ProcessingRecord {
  readonly agreement: string
  readonly title: string
  readonly state: ReturnType<typeof stateOf>
  /** who gives, and is controller of what she gives */
  readonly controller: string
  readonly systems: readonly { readonly name: string; readonly contact: string }[]
  readonly recipients: readonly string[]
  readonly purposes: readonly string[]
  readonly bases: readonly string[]
  readonly subjects: readonly string[]
  readonly data: readonly string[]
  readonly specialCategories: readonly string[]
  readonly restrictions: readonly string[]
  readonly retention: string
  readonly security: string
  /** items of Article 30(1) that nothing here tells */
  readonly missing: readonly string[]
}

type Bundle = Pick<PolicyBundle, 'agreements' | 'lawfulBases' | 'purposes'>

/** True of every answer, and each tested: see the promises in README.md. */
const SECURITY =
  'records are read and not copied; every access is recorded before anything is shown; field by field under policy; children stand in the log under random pseudonyms'
const RETENTION =
  'Sightline keeps no record of an agency’s. The record of an access holds no case content; how long it is kept is for the controllers to set'

const ALWAYS_MISSING = [
  'contact details of the controller and of its data protection officer (Article 30(1)(a))',
  'transfers to third countries, or that there are none (Article 30(1)(e))',
  'time limits for erasure of the access records (Article 30(1)(f))',
  'security of the systems themselves, and encryption in transit and at rest (Article 30(1)(g))',
]

export const processingReport = (
  { agreements, lawfulBases, purposes }: Bundle,
  custodians: readonly ListedCustodian[],
  now: Date,
): ProcessingRecord[] =>
  agreements.map((agreement) => {
    const { source, recipients, restrictions, recordTypes } = agreement
    const systems = source.custodians.map((id) => custodians.find((each) => each.id === id) ?? id)
    const unknown = systems.filter((each) => typeof each === 'string')
    return {
      ...{ agreement: `${agreement.id}, version ${agreement.version}`, title: agreement.title },
      state: stateOf(agreement, now),
      controller: source.agency,
      systems: systems
        .filter((each) => typeof each !== 'string')
        .map(({ name, contact }) => ({ name, contact: `${contact.name}, ${contact.telephone}` })),
      ...{ recipients, restrictions },
      purposes: agreement.purposes.map((code) => purposes.get(code)?.title ?? code),
      bases: agreement.bases.map((code) => basisWords(lawfulBases.get(code), code)),
      subjects: subjectsOf(agreement),
      data: recordTypes.map((name) => recordTypeNamed(name)?.title ?? name),
      specialCategories: specialOf(agreement),
      ...{ retention: RETENTION, security: SECURITY },
      missing: [
        ...ALWAYS_MISSING,
        ...unknown.map((id) => `the system \`${id}\`: no custodian’s file describes it`),
      ],
    }
  })

const basisWords = (basis: { citation: string; title: string; mark: string } | undefined, code: string) =>
  basis === undefined
    ? `${code} (not in the list of lawful bases)`
    : `${basis.citation}: ${basis.title}${basis.mark === '?' ? ' (unconfirmed)' : ''}`

function subjectsOf({ recordTypes }: Agreement): string[] {
  const groups = new Set(
    recordTypes.flatMap((name) =>
      Object.values(recordTypeNamed(name)?.fields ?? {}).map(({ group }) => group),
    ),
  )
  return [
    'children about whom a partner asks, and their siblings',
    ...(recordTypes.includes('person.relationship')
      ? ['parents, relatives and members of the household']
      : []),
    ...(groups.has('third-party') ? ['other people named in a record'] : []),
    ...(groups.has('professional') ? ['practitioners who work with the child'] : []),
    'practitioners who ask',
  ]
}

/** What a sector's records are by their nature; that others tell of health or of crime as well is not ruled out. */
function specialOf({ recordTypes }: Agreement): string[] {
  const of = (sector: string) => recordTypes.some((name) => name.startsWith(`${sector}.`))
  return [
    ...(of('health') ? ['data concerning health (UK GDPR Article 9)'] : []),
    ...(of('police') ? ['criminal convictions and offences (UK GDPR Article 10; DPA 2018 Part 3)'] : []),
    ...(recordTypes.includes('person.details') ? ['ethnicity, where recorded (UK GDPR Article 9)'] : []),
    ...(of('social-care') || of('education')
      ? [
          'social work and school records can tell of health, sex life or offences (UK GDPR Articles 9 and 10)',
        ]
      : []),
  ]
}

export function processingInWords(records: readonly ProcessingRecord[]): string[] {
  const line = (name: string, words: readonly string[] | string) =>
    wrapped(typeof words === 'string' ? words : words.join('; ') || 'none', `  ${name.padEnd(14)} `)
  return [
    ...wrapped(
      'Records of processing activities, one for each sharing agreement. Not legal advice: each controller answers for its own record, and fills in what is missing.',
    ),
    ...records.flatMap((record) => [
      ...heading(record.agreement),
      ...line('title', record.title),
      ...line('state', record.state),
      ...line('controller', record.controller),
      ...line(
        'systems',
        record.systems.map(({ name, contact }) => `${name} (${contact})`),
      ),
      ...line('recipients', record.recipients),
      ...line('purposes', record.purposes),
      ...record.bases.flatMap((basis) => line('lawful basis', basis)),
      ...line('data subjects', record.subjects),
      ...line('data', record.data),
      ...line('special', record.specialCategories),
      ...line('restrictions', record.restrictions),
      ...line('retention', record.retention),
      ...line('security', record.security),
      ...record.missing.flatMap((what) => line('MISSING', what)),
    ]),
  ]
}
