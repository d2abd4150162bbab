/**
 * Asks a witness for its cosignature (c2sp.org/tlog-witness). Believes a line only where it is the witness's own, over
 * exactly the checkpoint that was sent. Never throws for a witness's fault: what came instead is the reply.
 */
import { Refusal } from '../../../schema/refusal.ts'
import { bodyWithin } from '../body-within.ts'
import { openCheckpoint } from '../tree/checkpoint.ts'
import { type NoteVerifier, onlySignedBy } from '../tree/signed-note.ts'
import { type Submission, submissionText } from './submission.ts'

export interface KnownWitness {
  /** `add-checkpoint` is beneath it */
  readonly url: string
  readonly verifier: NoteVerifier
}

export type WitnessReply =
  /** the checkpoint with the log's and this witness's signature */
  | { readonly kind: 'cosigned'; readonly note: string }
  | { readonly kind: 'stale'; readonly size: number }
  /** it says that this log was cut or rewritten; no other try changes that */
  | { readonly kind: 'contradicted'; readonly code: string }
  /** no answer in time, or none that can be used */
  | { readonly kind: 'unusable'; readonly why: string }

const ANSWER_LIMIT = 64 * 1024 // bytes

/** @param signal ends the wait */
export async function askWitness(
  { url, verifier }: KnownWitness,
  log: NoteVerifier,
  submission: Submission,
  signal: AbortSignal,
): Promise<WitnessReply> {
  try {
    const response = await fetch(`${url.replace(/\/$/, '')}/add-checkpoint`, {
      method: 'POST',
      headers: { 'content-type': 'text/plain; charset=utf-8' },
      body: submissionText(submission),
      redirect: 'error',
      signal,
    })
    const text = (await bodyWithin(response, ANSWER_LIMIT)).toString('utf8')
    if (response.status === 200) return cosigned(submission.note + text, verifier, log)
    if (response.status === 422) return { kind: 'contradicted', code: codeIn(text) }
    const size = Number(/^(0|[1-9]\d{0,15})\n$/.exec(text)?.[1] ?? Number.NaN)
    if (response.status === 409 && Number.isSafeInteger(size)) return { kind: 'stale', size }
    return { kind: 'unusable', why: `status ${response.status}` }
  } catch (error) {
    return { kind: 'unusable', why: whyOf(error) }
  }
}

function cosigned(note: string, verifier: NoteVerifier, log: NoteVerifier): WitnessReply {
  const own = onlySignedBy(note, [log, verifier])
  try {
    if (openCheckpoint(own, log, [verifier]).witnesses.length > 0) return { kind: 'cosigned', note: own }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
  }
  return { kind: 'unusable', why: 'no cosignature by its key' }
}

/** Codes of our own witnesses; another program says it in its own way. */
const codeIn = (text: string): string =>
  /^(CHECKPOINT_FORKED|GROWTH_UNPROVEN)\b/.exec(text)?.[0] ?? 'GROWTH_UNPROVEN'

function whyOf(error: unknown): string {
  if (!(error instanceof Error)) return 'no answer'
  if (error.name === 'TimeoutError') return 'no answer in time'
  const { cause } = error
  return cause instanceof Error && 'code' in cause ? String(cause.code) : error.message
}
