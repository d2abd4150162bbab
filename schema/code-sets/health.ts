/** Code sets of health records. SNOMED CT needs a licence: only the child-protection flags are named here. */
import type { CodeSet } from '../code-set.ts'

/** FHIR code system of SNOMED CT. */
export const SNOMED_SYSTEM = 'http://snomed.info/sct'

export const childProtectionFlag: CodeSet = {
  id: 'child-protection-flag',
  title: 'Child protection information shown by health systems',
  source: 'NHS England, child protection SNOMED value set (draft)',
  confidence: 'read-in-source',
  codes: {
    '342191000000101': 'subject to a child protection plan',
    '764841000000100': 'looked after child',
    '818901000000100': 'unborn child subject to a child protection plan',
  },
}

export const encounterClass: CodeSet = {
  id: 'encounter-class',
  title: 'Class of encounter',
  source: 'HL7 v3 ActCode, value set ActEncounterCode, as FHIR R4 Encounter.class uses it',
  confidence: 'general-knowledge',
  codes: {
    AMB: 'outpatient or community contact',
    EMER: 'emergency department',
    IMP: 'inpatient',
    HH: 'home visit',
    VR: 'by telephone or video',
  },
}
