/** Accesses as the gateway would record them, about a child who does not exist. */
import { randomBytes } from 'node:crypto'
import { type AccessInput, accessRecorder } from '../../../gateway/ledger/access-record.ts'
import { completionRecorder } from '../../../gateway/ledger/completion-record.ts'
import { type Pseudonym, recordIds } from '../../../gateway/ledger/pseudonym.ts'

export const key = Buffer.alloc(32, 7)

const gateway = { source: 'urn:sightline:northshire', node: 'gateway-1', build: '0.1.0' }

export const completed = completionRecorder(gateway)

const known = {
  purposes: new Set(['safeguarding']),
  thresholds: new Set(['early-help', 's17', 's47']),
  lawfulBases: new Set(['GDPR-6-1-e', 'GDPR-9-2-g', 'CA89-47']),
  operations: new Set(['Picture']),
}

export const record = accessRecorder({
  ...gateway,
  key,
  known: () => known,
})

export const somePid = () => `p-${randomBytes(16).toString('base64url')}` as Pseudonym

const children = Array.from({ length: 200 }, somePid)
let asked = 0

/** One of 200 children, in turn, as a gateway does that looks a pseudonym up and draws none. */
export const someChild = (): Pseudonym => children[asked++ % children.length] ?? somePid()

const idOf = recordIds({ key })

export function released(pid: Pseudonym = somePid()): AccessInput {
  return {
    outcome: { kind: 'released', body: '{"data":{"child":{"police":[]}}}' },
    eventId: null,
    at: new Date('2026-11-21T10:00:00.000Z'),
    traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
    actor: {
      subject: 'lcpp',
      issuer: 'http://127.0.0.1:4400',
      agency: 'northshire-council',
      role: 'lcpp',
      authn: { acr: 'mfa', jti: 'kT8v', at: new Date('2026-11-21T09:00:00.000Z') },
    },
    subjects: [{ pid, relation: 'child' }],
    purpose: { code: 'safeguarding', caseReference: 'NCS-2026-0042' },
    threshold: 's47',
    emergency: null,
    basis: {
      article6: 'GDPR-6-1-e',
      condition: 'GDPR-9-2-g',
      function: 'CA89-47',
      agreements: ['northshire-2026'],
    },
    operation: {
      kind: 'query',
      name: 'Picture',
      document: 'query Picture($n: String!) { child(nhsNumber: $n) { police { crimes { offence } } } }',
      variables: { n: '9991234567' },
    },
    decision: { bundle: `sha256:${'a1'.repeat(32)}`, policies: ['access.live-agreement', 'police.crimes'] },
    disclosure: {
      sources: [
        {
          custodian: 'northshire-police',
          agency: 'northshire-police',
          state: 'RECORDS_SHOWN',
          recordTypes: ['police.crime'],
          recordIds: [idOf('northshire-police', 'CR/1'), idOf('northshire-police', 'CR/2')],
          processing: ['consultation', 'disclosure'],
        },
        {
          custodian: 'hollybank-school',
          agency: 'hollybank-school',
          state: 'DID_NOT_ANSWER',
          recordTypes: ['education.enrolment'],
          recordIds: [],
        },
      ],
      released: ['police.crimes.offence', 'police.crimes.recordedAt'],
      withheld: [{ rule: 'police.intelligence-conditions', reason: 'HANDLING_CONDITION', n: 1 }],
    },
  }
}

/** Written while the police are asked. */
export const requested = (pid?: Pseudonym): AccessInput => ({
  ...released(pid),
  outcome: {
    kind: 'requested',
    asked: [
      {
        custodian: 'northshire-police',
        agency: 'northshire-police',
        recordTypes: ['police.crime'],
        processing: ['collection'],
      },
      {
        custodian: 'hollybank-school',
        agency: 'hollybank-school',
        recordTypes: ['education.enrolment'],
      },
    ],
  },
})

const nothing = { sources: [], released: [], withheld: [] }

export const denied = (refusal: string, pid?: Pseudonym): AccessInput => ({
  ...released(pid),
  outcome: { kind: 'denied', refusal },
  disclosure: nothing,
})

/** Refused before anybody was known: an expired or a forged token. */
export const stranger = (): AccessInput => ({
  ...denied('TOKEN_INVALID'),
  actor: null,
  subjects: [],
  purpose: null,
  threshold: null,
  emergency: null,
  basis: null,
})
