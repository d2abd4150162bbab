/** What each kind builds: a system that can be asked. Its answers are not yet checked (`receive.ts`). */
import type { CustodianQuestion } from './contract.ts'
import type { Unchecked } from './mapping.ts'

export interface System {
  /** @throws Fault and whatever its parts throw; the caller tells them apart */
  ask(question: CustodianQuestion): Promise<Unchecked | { readonly kind: 'under-review' }>
  /** @returns a fault that must stop the start, in words for who runs the gateway; null where there is none or nobody can tell */
  proveReadOnly(): Promise<string | null>
  close(): Promise<void>
}

/** Custodians may write these into their own logs, to find our access again. */
export const ourHeaders = (question: CustodianQuestion): Record<string, string> => ({
  'sightline-event-id': question.eventId,
  ...(TRACEPARENT.test(question.traceparent) ? { traceparent: question.traceparent } : {}),
})

const TRACEPARENT = /^[\da-f]{2}-[\da-f]{32}-[\da-f]{16}-[\da-f]{2}$/ // W3C Trace Context, version 00
