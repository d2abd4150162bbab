/** Who asks what, in the worked examples: the personas of Northshire and one question under section 47. */
import { fileURLToPath } from 'node:url'
import type { Ask, Practitioner, RecordClass } from '../../../../gateway/sharing/policy/decide.ts'

export const policiesDir = fileURLToPath(new URL('../../../../policies', import.meta.url))

const member = (agency: string, role: string, vetting: number): Practitioner => ({
  agency,
  roles: [role],
  macptMember: true,
  vetting,
  trained: true,
  conflict: false,
})

export const amina = member('northshire-council', 'lcpp', 2)
export const tom = member('northshire-police', 'macpt-police', 3)
export const grace = member('northshire-community-health', 'macpt-health', 1)
export const helen = member('northshire-council', 'macpt-education', 1)
export const daniel = { ...member('northshire-council', 'social-worker', 1), macptMember: false }
export const ruth = { ...amina, macptMember: false }
export const samuel = { ...member('northshire-council', 'ig-lead', 1), macptMember: false }
export const olive = { ...member('hollybank-school', 'agency-reviewer', 0), macptMember: false }
export const priya = { ...member('northshire-hospital', 'agency-it', 0), macptMember: false }

export const s47: Ask = {
  purpose: 's47-enquiry',
  threshold: 's47',
  bases: ['GDPR-6-1-e', 'GDPR-9-2-g', 'CA89-47'],
  consent: false,
  caseLive: true,
  breakGlass: false,
  now: new Date('2026-11-21T10:00:00Z'),
}
/** A risk to life, opened by right: in no case of hers. */
export const emergency: Ask = {
  ...s47,
  bases: ['GDPR-6-1-d', 'GDPR-9-2-c', 'CA89-47'],
  caseLive: false,
  breakGlass: true,
}
export const s17: Ask = {
  ...s47,
  purpose: 's17-assessment',
  threshold: 's17',
  bases: ['GDPR-6-1-e', 'GDPR-9-2-g', 'CA89-17'],
}
export const earlyHelp: Ask = {
  ...s47,
  purpose: 'front-door-triage',
  threshold: 'early-help',
  bases: ['GDPR-6-1-e', 'GDPR-9-2-g', 'CA04-10'],
}

const custodians = {
  police: { custodian: 'northshire-police', agency: 'northshire-police' },
  health: { custodian: 'northshire-hospital', agency: 'northshire-hospital' },
  education: { custodian: 'hollybank-school', agency: 'hollybank-school' },
  'social-care': { custodian: 'eastmere-childrens-services', agency: 'eastmere-council' },
}

/** A record of another agency about the child, plain where `more` says nothing. */
export function record(
  sector: keyof typeof custodians,
  recordType: string,
  more: Partial<RecordClass> = {},
): RecordClass {
  return {
    ...custodians[sector],
    sector,
    recordType,
    labels: [],
    handling: [],
    subject: 'child',
    reviewed: false,
    ...more,
  }
}
