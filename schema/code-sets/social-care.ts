/** Code sets of children's social care records. */
import type { CodeSet } from '../code-set.ts'

const CIN = 'DfE children in need census, as the Data to Insight validators hold it'

export const referralSource: CodeSet = {
  id: 'referral-source',
  title: 'Who referred',
  source: CIN,
  confidence: 'read-in-source',
  codes: {
    '1A': 'individual: family member, relative or carer',
    '1B': 'individual: acquaintance',
    '1C': 'individual: self',
    '1D': 'individual: other',
    '2A': 'school',
    '2B': 'education services',
    '3A': 'GP',
    '3B': 'health visitor',
    '3C': 'school nurse',
    '3D': 'other primary health services',
    '3E': 'A&E',
    '3F': 'other health services',
    '4': 'housing',
    '5A': 'local authority: social care',
    '5B': 'local authority: other internal',
    '5C': 'local authority: external',
    '5D': 'local authority: early help',
    '6': 'police',
    '7': 'other legal agency',
    '8': 'other',
    '9': 'anonymous',
    '10': 'unknown',
  },
}

export const primaryNeed: CodeSet = {
  id: 'primary-need',
  title: 'Primary need',
  source: CIN,
  confidence: 'read-in-source',
  codes: {
    N1: 'abuse or neglect',
    N2: "child's disability or illness",
    N3: "parent's disability or illness",
    N4: 'family in acute stress',
    N5: 'family dysfunction',
    N6: 'socially unacceptable behaviour',
    N7: 'low income',
    N8: 'absent parenting',
    N9: 'cases other than children in need',
    N0: 'not stated',
  },
}

export const abuseCategory: CodeSet = {
  id: 'abuse-category',
  title: 'Category of abuse',
  source: CIN,
  confidence: 'read-in-source',
  codes: {
    NEG: 'neglect',
    PHY: 'physical abuse',
    SAB: 'sexual abuse',
    EMO: 'emotional abuse',
    MUL: 'multiple categories',
  },
}

export const assessmentFactor: CodeSet = {
  id: 'assessment-factor',
  title: 'Factor identified at the end of assessment',
  source: CIN,
  confidence: 'read-in-source',
  codes: {
    '1A': 'alcohol: child',
    '1B': 'alcohol: parent',
    '1C': 'alcohol: other person',
    '2A': 'drugs: child',
    '2B': 'drugs: parent',
    '2C': 'drugs: other person',
    '3A': 'domestic abuse: child',
    '3B': 'domestic abuse: parent',
    '3C': 'domestic abuse: other person',
    '4A': 'mental health: child',
    '4B': 'mental health: parent',
    '4C': 'mental health: other person',
    '10A': 'going or being missing',
    '11A': 'child sexual exploitation',
    '12A': 'trafficking',
    '13A': 'gangs',
    '15A': 'self-harm',
    '16A': 'neglect',
    '17A': 'emotional abuse',
    '20': 'other',
    '21': 'no factors identified',
    '24A': 'child criminal exploitation',
  },
}

export const legalStatus: CodeSet = {
  id: 'looked-after-legal-status',
  title: 'Legal status of a looked-after child',
  source: 'DfE SSDA903 collection',
  confidence: 'read-in-source',
  codes: {
    C1: 'interim care order',
    C2: 'full care order',
    D1: 'freeing order',
    E1: 'placement order',
    V2: 'accommodated under section 20',
    V3: 'short breaks: agreed series',
    V4: 'short breaks: individual episodes',
    L1: 'police protection',
    L2: 'emergency protection order',
    L3: 'child assessment order',
    J1: 'remanded to local authority accommodation',
    J2: 'detained under PACE',
    J3: 'sentenced to a supervision order with residence',
  },
}

export const newEpisode: CodeSet = {
  id: 'reason-for-new-episode',
  title: 'Reason for a new episode of care',
  source: 'DfE SSDA903 collection (codes read in source, meanings from general knowledge)',
  confidence: 'general-knowledge',
  codes: {
    S: 'started to be looked after',
    L: 'change of legal status only',
    P: 'change of placement and carers only',
    T: 'change of placement, same carers',
    B: 'change of legal status, placement and carers',
    U: 'change of legal status and placement, same carers',
  },
}
