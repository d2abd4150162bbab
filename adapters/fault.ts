/**
 * What went wrong with a custodian, in the few words that may leave this folder.
 * Refuses to repeat an upstream message, an address or a person's details: the words are ours.
 */
import type { FaultKind } from './contract.ts'

const words: Readonly<Record<FaultKind, string>> = {
  deadline: 'no answer within the deadline',
  unreachable: 'the system could not be reached',
  reset: 'the system broke the connection off',
  'not-authorised': 'the system refused our credentials',
  malformed: 'the answer could not be read',
  failed: 'the system reported a failure of its own',
}

/** Thrown inside adapters only; `ask` turns it into a reply. */
export class Fault extends Error {
  readonly kind: FaultKind

  /** @param detail ours, never a system's; the usual words for the kind where left out */
  constructor(kind: FaultKind, detail: string = words[kind]) {
    super(detail)
    this.name = 'Fault'
    this.kind = kind
  }
}

/**
 * Codes of Node's sockets (`man errno`), of TLS, of undici and of PostgreSQL (appendix A, error codes).
 * An SQLSTATE class is given by its first two characters.
 */
const kindOfCode: Readonly<Record<string, FaultKind>> = {
  ECONNREFUSED: 'unreachable',
  ENOTFOUND: 'unreachable',
  EAI_AGAIN: 'unreachable',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  ETIMEDOUT: 'unreachable',
  UND_ERR_CONNECT_TIMEOUT: 'unreachable',
  UND_ERR_DESTROYED: 'unreachable',
  UND_ERR_CLOSED: 'unreachable',
  '08': 'unreachable',
  '57P03': 'unreachable',
  ECONNRESET: 'reset',
  EPIPE: 'reset',
  UND_ERR_SOCKET: 'reset',
  '57P01': 'reset',
  '57P02': 'reset',
  '57014': 'deadline',
  UND_ERR_HEADERS_TIMEOUT: 'deadline',
  UND_ERR_BODY_TIMEOUT: 'deadline',
  ABORT_ERR: 'deadline',
  UND_ERR_ABORTED: 'deadline',
  '28': 'not-authorised',
  '42501': 'not-authorised',
  '22': 'malformed',
  UND_ERR_HEADERS_OVERFLOW: 'malformed',
}

/** Node names malformed HTTP `HPE_…`; OpenSSL's certificate faults are many and end alike. */
const kindOfPattern: readonly (readonly [RegExp, FaultKind])[] = [
  [/^HPE_/, 'malformed'],
  [/CERT|^ERR_TLS|^ERR_SSL|^EPROTO$/, 'unreachable'],
]

export function faultOf(error: unknown): Fault {
  if (error instanceof Fault) return error
  if (error instanceof SyntaxError) return new Fault('malformed')
  for (const code of codesOf(error)) {
    const kind =
      kindOfCode[code] ??
      kindOfPattern.find(([pattern]) => pattern.test(code))?.[1] ??
      (/^[0-9A-Z]{5}$/.test(code) ? kindOfCode[code.slice(0, 2)] : undefined)
    if (kind) return new Fault(kind)
  }
  if (error instanceof Error && ['AbortError', 'TimeoutError'].includes(error.name))
    return new Fault('deadline')
  if (error instanceof Error && error.name === 'HTTPParserError') return new Fault('malformed')
  // pg gives these two no code
  if (error instanceof Error && /^Connection terminated/.test(error.message)) return new Fault('reset')
  if (error instanceof Error && /^timeout exceeded when trying to connect/.test(error.message))
    return new Fault('unreachable')
  return new Fault('failed')
}

function* codesOf(error: unknown, depth = 0): Generator<string> {
  if (typeof error !== 'object' || error === null || depth > 3) return
  if ('code' in error && typeof error.code === 'string') yield error.code
  if ('cause' in error) yield* codesOf(error.cause, depth + 1)
  if (error instanceof AggregateError) for (const each of error.errors) yield* codesOf(each, depth + 1)
}

/** Settles with the work, or with a deadline fault as soon as the signal aborts, even where the work hangs on. */
export async function untilAborted<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  if (signal.aborted) throw new Fault('deadline')
  let onAbort: () => void = () => undefined
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(new Fault('deadline'))
    signal.addEventListener('abort', onAbort, { once: true })
  })
  try {
    const working = work()
    working.catch(() => undefined) // it may fail after the deadline, when nobody listens
    return await Promise.race([working, aborted])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
