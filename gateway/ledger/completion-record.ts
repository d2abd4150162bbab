/**
 * The record that a released answer came to its end: whole, or cut off on its way. Written after the response, off the
 * request's path. Where a crash forgets it, the ledger tells of more than was shown, never of less.
 */
import {
  type AccessRecord,
  ledgerEvent,
  newEventId,
  type RecorderSettings,
  type Subject,
} from './ledger-event.ts'

/** What became of an answer, as far as the gateway's own machine can tell: the network may still lose what it took. */
export interface Delivery {
  readonly ended: 'whole' | 'cut-off'
  /** of the answer's body; at most so many where it was cut off */
  readonly bytes: number
}

export interface CompletionInput {
  /** the receipt */
  readonly eventId: string
  readonly at: Date
  readonly traceparent: string
  readonly subjects: readonly Subject[]
  readonly delivery: Delivery
}

export const completionRecorder =
  (settings: RecorderSettings) =>
  ({ eventId, delivery, ...input }: CompletionInput): AccessRecord =>
    ledgerEvent(settings, { ...input, id: newEventId(), kind: 'completed' }, { access: eventId, delivery })
