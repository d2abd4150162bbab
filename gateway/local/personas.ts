/**
 * The fictional people of Northshire who can sign in locally, and what each of them shows. Who she is and whether she
 * signed in is all that the identity provider says; what she may ask is decided from the register and the policies.
 */
export interface Persona {
  /** what a person types: `npx sightline token lcpp` */
  id: string
  /** the `sub` of her tokens; the same on every machine, so that registers and scenarios can name her */
  subject: string
  name: string
  /** agency, as in adapters/custodians */
  organisation: string
  role: string
  /** one sentence for whoever wonders which persona to try */
  shows: string
}

export const PERSONAS: readonly Persona[] = [
  {
    id: 'lcpp',
    subject: '5f0c1a52-7d0e-4b5e-9a61-0d5f8c2f7a01',
    name: 'Amina Yusuf',
    organisation: 'northshire-council',
    role: 'lcpp',
    shows: 'the whole picture of a child on her caseload, with every gap named',
  },
  {
    id: 'macpt-police',
    subject: '8b7d2e64-1c3f-4f0a-8e2b-6a9d4c5b3e02',
    name: 'Tom Doyle',
    organisation: 'northshire-police',
    role: 'macpt-police',
    shows: 'police detail in full, and only the health and education detail that his part in the team needs',
  },
  {
    id: 'macpt-health',
    subject: '2c9e7f13-5a4d-4c86-b1d7-3f8e6b0a9c03',
    name: 'Grace Oyelaran',
    organisation: 'northshire-community-health',
    role: 'macpt-health',
    shows: 'clinical detail that others read only in outline',
  },
  {
    id: 'macpt-education',
    subject: 'd41b6c08-9e27-4d1f-a5c3-7b2e0f9d8a04',
    name: 'Helen Marsh',
    organisation: 'northshire-council',
    role: 'macpt-education',
    shows: 'attendance, suspensions and plans at school, and little of what police and health hold',
  },
  {
    id: 'social-worker',
    subject: '63a8f0d5-2b7c-4e94-8f16-c0d9e1a7b505',
    name: 'Daniel Price',
    organisation: 'northshire-council',
    role: 'social-worker',
    shows: 'that a colleague with no tie to the child is refused before any agency is asked',
  },
  {
    id: 'lapsed-lcpp',
    subject: '97e5d3b1-4f6a-4a28-9c0e-e8b7f2d6c106',
    name: 'Ruth Bell',
    organisation: 'northshire-council',
    role: 'lcpp',
    shows: 'that a nomination which has ended opens nothing',
  },
  {
    id: 'ig-lead',
    subject: 'b0f4a9c7-8d15-4b63-a7e2-19c6d8e3f707',
    name: 'Samuel Hart',
    organisation: 'northshire-council',
    role: 'ig-lead',
    shows: 'that whoever audits accesses is refused case content',
  },
  {
    id: 'it-engineer',
    subject: 'e6c2b8d0-3a91-4c7f-b4d8-5e0f7a1c9208',
    name: 'Priya Nair',
    organisation: 'northshire-hospital',
    role: 'agency-it',
    shows: 'that whoever connects a system is refused case content',
  },
  {
    id: 'school-reviewer',
    subject: '4a8d1f3c-6e2b-4c95-9d70-2b7f5e8c1a09',
    name: 'Judith Crane',
    organisation: 'hollybank-school',
    role: 'agency-reviewer',
    shows: 'what her agency is asked to decide, and nothing about any child besides',
  },
  {
    id: 'hospital-reviewer',
    subject: 'c17e9b52-0d4f-4836-8a2d-9e6b3c5f7d10',
    name: 'Leila Farouk',
    organisation: 'northshire-hospital',
    role: 'agency-reviewer',
    shows: 'what her agency is asked to decide, and nothing about any child besides',
  },
]
