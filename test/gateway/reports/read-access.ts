/** Accesses as the desk gives them, invented: an answered question about one child, but for what a test says. */
import type { Reading } from '../../../gateway/reports/reading.ts'
import type { ReadAccess } from '../../../schema/read-access.ts'

let made = 0

export const child = (n: number) => `p-child${String(n).padStart(17, '0')}`

export interface Given extends Partial<Omit<ReadAccess, 'by'>> {
  readonly who?: string
  readonly role?: string
  readonly agency?: string
}

export function access({
  who = 'amina',
  role = 'social-worker',
  agency = 'northshire-council',
  ...given
}: Given = {}): ReadAccess {
  made += 1
  return {
    eventId: `00000000-0000-4000-8000-${String(made).padStart(12, '0')}`,
    type: 'sightline.access.released.v1',
    at: '2026-11-16T10:00:00.000Z',
    decision: 'RELEASED',
    refusal: null,
    child: child(1),
    children: 1,
    by: { subject: who, name: who, role, agency },
    purpose: 's47-enquiry',
    caseKey: 'case',
    threshold: 's47',
    emergency: false,
    lawfulBasis: { article6: 'GDPR-6-1-e', condition: 'GDPR-9-2-g', function: 'CA89-47' },
    agreements: [],
    operation: 'Picture',
    bundle: 'sha256:0',
    asked: [],
    released: ['police.crime.offence'],
    withheld: [],
    steps: [],
    tie: null,
    relationshipLive: true,
    ...given,
  }
}

export const refused = (given: Given = {}): ReadAccess =>
  access({
    decision: 'DENIED',
    refusal: 'NO_CASE_RELATIONSHIP',
    released: [],
    relationshipLive: false,
    ...given,
  })

export const readingOf = (accesses: readonly ReadAccess[], of: Partial<Reading> = {}): Reading => ({
  ...{ accesses, notRead: 0, keptFrom: null, childrenErased: 0, unknown: [] },
  ...{ ofAgency: null, from: null, until: null },
  ...of,
})
