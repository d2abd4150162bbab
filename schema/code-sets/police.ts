/** Code sets of police records. */
import type { CodeSet } from '../code-set.ts'

export const noticeGrading: CodeSet = {
  id: 'protection-notice-grading',
  title: 'Grading of a police protection notice',
  source: 'Devon & Cornwall Police, Vulnerability Identification Screening Tool (red, amber, green)',
  confidence: 'read-in-source',
  codes: { R: 'red', A: 'amber', G: 'green' },
}

export const dashGrading: CodeSet = {
  id: 'dash-grading',
  title: 'DASH grading given by the attending officer',
  source: 'SafeLives / NPCC DASH checklist: standard, medium, high',
  confidence: 'general-knowledge',
  codes: { S: 'standard', M: 'medium', H: 'high' },
}

export const missingGrading: CodeSet = {
  id: 'missing-grading',
  title: 'Police grading of a missing episode',
  source: 'College of Policing, Authorised Professional Practice: missing persons',
  confidence: 'unconfirmed',
  codes: { VL: 'very low (formerly no apparent risk)', L: 'low', M: 'medium', H: 'high' },
}

export const crimeOutcome: CodeSet = {
  id: 'crime-outcome',
  title: 'Home Office crime outcome',
  source:
    'Home Office Counting Rules, crime outcomes framework (outcomes 1 to 22; the ones listed are those confirmed)',
  confidence: 'general-knowledge',
  codes: {
    '1': 'charge or summons',
    '2': 'caution (youth)',
    '3': 'caution (adult)',
    '8': 'community resolution',
    '14': 'evidential difficulties: suspect not identified, victim does not support',
    '15': 'evidential difficulties: suspect identified, victim supports',
    '16': 'evidential difficulties: suspect identified, victim does not support',
    '18': 'investigation complete, no suspect identified',
    '20': 'action taken by another agency',
    '21': 'not in the public interest: police decision',
    '22': 'diversionary, educational or intervention activity',
  },
}

/** 3x5x2 replaced 5x5x5 in 2016 (College of Policing, APP intelligence management). */
const APP_INTELLIGENCE = 'College of Policing, APP intelligence management, 3x5x2'

export const intelligenceSource: CodeSet = {
  id: '3x5x2-source',
  title: 'Evaluation of the source',
  source: APP_INTELLIGENCE,
  confidence: 'general-knowledge',
  codes: { '1': 'reliable', '2': 'untested', '3': 'not reliable' },
}

export const intelligenceAssessment: CodeSet = {
  id: '3x5x2-assessment',
  title: 'Assessment of the information',
  source: APP_INTELLIGENCE,
  confidence: 'general-knowledge',
  codes: {
    A: 'known directly to the source',
    B: 'known indirectly, corroborated',
    C: 'known indirectly',
    D: 'not known',
    E: 'suspected to be false',
  },
}

export const intelligenceHandling: CodeSet = {
  id: '3x5x2-handling',
  title: 'Handling of the information',
  source: APP_INTELLIGENCE,
  confidence: 'read-in-source',
  codes: { P: 'lawful sharing permitted', C: 'lawful sharing permitted with conditions' },
}
