/** Asks every custodian in the plan, all at once. A slow or broken one never delays or alters another's answer. */
import type { CustodianQuestion, CustodianReply } from '../../adapters/contract.ts'
import type { NhsNumber } from '../../schema/nhs-number.ts'
import type { PlannedAsk } from './plan.ts'

export interface AskSettings {
  readonly nhsNumber: NhsNumber
  readonly eventId: string
  readonly traceparent: string
  /** milliseconds that a custodian has where its own configuration says nothing */
  readonly defaultDeadlineMs: number
}

export interface Asked {
  readonly ask: PlannedAsk
  readonly reply: CustodianReply
}

/** What came, and the milliseconds that it took. */
export interface Answered extends Asked {
  readonly tookMs: number
}

const lateReply: CustodianReply = {
  kind: 'fault',
  fault: 'deadline',
  detail: 'no answer within the deadline',
}
const brokenReply: CustodianReply = { kind: 'fault', fault: 'failed', detail: 'the adapter failed' }

/** The deadline holds even where an adapter does not heed its signal. */
async function withinDeadline(
  deadlineMs: number,
  ask: (signal: AbortSignal) => Promise<CustodianReply>,
): Promise<CustodianReply> {
  const stop = new AbortController()
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<CustodianReply>((resolve) => {
    timer = setTimeout(() => {
      resolve(lateReply)
      stop.abort()
    }, deadlineMs)
  })
  try {
    const reply = (async () => ask(stop.signal))().catch(() => brokenReply)
    return await Promise.race([reply, late])
  } finally {
    clearTimeout(timer)
  }
}

/** @returns one reply per planned ask, in plan order. Never throws for an agency's fault. */
export function askCustodians(asks: readonly PlannedAsk[], settings: AskSettings): Promise<Answered[]> {
  const { nhsNumber, eventId, traceparent, defaultDeadlineMs } = settings
  const began = performance.now()
  return Promise.all(
    asks.map(async (ask) => {
      const question = (signal: AbortSignal): CustodianQuestion => ({
        nhsNumber,
        recordTypes: ask.recordTypes,
        eventId,
        traceparent,
        signal,
      })
      const deadlineMs = ask.connection.custodian.deadlineMs ?? defaultDeadlineMs
      const reply = await withinDeadline(deadlineMs, (signal) => ask.connection.ask(question(signal)))
      return { ask, reply, tookMs: performance.now() - began }
    }),
  )
}
