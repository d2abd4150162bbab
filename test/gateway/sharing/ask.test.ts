/** Asking: one reply per custodian, in time, whatever an adapter does. */
import { setTimeout as pause } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { Connection, CustodianReply } from '../../../adapters/contract.ts'
import { askCustodians } from '../../../gateway/sharing/ask.ts'
import { nhsNumber } from '../../../schema/nhs-number.ts'

const notHeld: CustodianReply = { kind: 'not-held', asOf: null, searched: { from: null, until: null } }

const asking = (id: string, ask: Connection['ask'], deadlineMs: number | null = null) => ({
  connection: {
    custodian: {
      id,
      name: id,
      agency: id,
      sector: 'police' as const,
      contact: { name: '', telephone: '', email: null, emergencyTelephone: null },
      recordTypes: [],
      deadlineMs,
      freshWithinHours: null,
      identityEvidence: 'demographics' as const,
      isPlace: false,
    },
    ask,
    close: async () => undefined,
  },
  recordTypes: [],
  agreement: null,
  notAskedFor: [],
  nothingOfSubstance: null,
  reviewed: [],
  declined: [],
})

const settings = {
  nhsNumber: nhsNumber('9990000018'),
  eventId: 'receipt',
  traceparent: '00-0',
  defaultDeadlineMs: 150,
}

test('an adapter that throws, never settles or ignores its signal costs the others nothing', async () => {
  let aborted = false
  const replies = await askCustodians(
    [
      asking('answers', async () => notHeld),
      asking('throws', async () => {
        throw new Error('postgres://user:secret@host')
      }),
      asking('throws at once', () => {
        throw new Error('at once')
      }),
      asking('never settles', ({ signal }) => {
        signal.addEventListener('abort', () => {
          aborted = true
        })
        return new Promise(() => undefined)
      }),
    ],
    settings,
  )
  expect(replies.map(({ ask, reply }) => [ask.connection.custodian.id, reply.kind])).toEqual([
    ['answers', 'not-held'],
    ['throws', 'fault'],
    ['throws at once', 'fault'],
    ['never settles', 'fault'],
  ])
  expect(aborted).toBe(true)
  expect(JSON.stringify(replies.map(({ reply }) => reply))).not.toContain('secret')
})

test("a custodian's own deadline overrides the default", async () => {
  const slow = async () => {
    await pause(300)
    return notHeld
  }
  const [patient, hasty] = await askCustodians(
    [asking('patient', slow, 2_000), asking('hasty', slow)],
    settings,
  )
  expect(patient?.reply.kind).toBe('not-held')
  expect(hasty?.reply).toMatchObject({ kind: 'fault', fault: 'deadline' })
})
