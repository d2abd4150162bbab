/**
 * Holds an answer until a moment that nothing hidden can shift: the pace that its custodians usually keep, learned from
 * their last replies, whoever they were about. A sealed record makes its custodian slower; the answer does not show it.
 * Holds back no refusal and no fault, and nothing past a deadline.
 * @see docs/decisions/0013-an-answer-keeps-its-custodians-pace.md
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { Custodian, CustodianReply } from '../../adapters/contract.ts'

/** A reply, as far as its time matters. */
export interface Timed {
  readonly ask: { readonly connection: { readonly custodian: Pick<Custodian, 'id' | 'deadlineMs'> } }
  readonly reply: Pick<CustodianReply, 'kind'>
  /** milliseconds */
  readonly tookMs: number
}

/** Starts the clock of one question. What it gives is awaited once all is decided, before anything is laid out. */
export type Pace = () => (replies: readonly Timed[]) => Promise<void>

export interface PaceSettings {
  /** milliseconds that a custodian has where its own configuration says nothing */
  readonly defaultDeadlineMs: number
  /** milliseconds, monotonic: setting the time of day must shift no answer */
  readonly now?: () => number
  readonly wait?: (milliseconds: number) => Promise<unknown>
}

/** Replies of one custodian and one kind that are remembered: how long they took, and nothing else of them. */
const REMEMBERED = 50
/** The pace covers this share of them and a quarter more; an outlier or two move nothing. */
const COVERED = 0.9
const MARGIN = 1.25
/** Of a kind that came less often nothing is known: it may be this much slower than the other kind. */
const FEW = 5
const SLOWER = 3
/** Milliseconds, while neither kind is known. */
const AT_FIRST = 250

/** Paces are preferred numbers (ISO 3, R10), each a quarter above the last, so that one reply seldom moves them. */
const LEAST = 25 // milliseconds
const step = (milliseconds: number) =>
  LEAST * 10 ** (Math.max(0, Math.ceil(10 * Math.log10(milliseconds / LEAST))) / 10)

/** The kinds of reply that may hide something. A fault and a review are told: their time may be seen. */
type Hiding = 'held' | 'not-held'
type Times = Readonly<Record<Hiding, number[]>>

const usual = (times: readonly number[]): number =>
  [...times].sort((a, b) => a - b)[Math.floor((times.length - 1) * COVERED)] ?? 0

/** @returns milliseconds after asking, by which replies of both kinds have come from this custodian */
function paceOf({ held, 'not-held': notHeld }: Times): number {
  const [isHeldKnown, isNotHeldKnown] = [held.length >= FEW, notHeld.length >= FEW]
  if (!isHeldKnown && !isNotHeldKnown) return AT_FIRST
  if (!isHeldKnown) return step(usual(notHeld) * SLOWER)
  if (!isNotHeldKnown) return step(usual(held) * SLOWER)
  return step(Math.max(usual(held), usual(notHeld)) * MARGIN)
}

const hiding = ({ reply: { kind } }: Timed): Hiding | null =>
  kind === 'held' || kind === 'not-held' ? kind : null

export function openPace({
  defaultDeadlineMs,
  now = () => performance.now(),
  wait = pause,
}: PaceSettings): Pace {
  const remembered = new Map<string, Times>()
  const timesOf = ({ id }: Pick<Custodian, 'id'>): Times => {
    const times = remembered.get(id) ?? { held: [], 'not-held': [] }
    remembered.set(id, times)
    return times
  }
  const learn = (reply: Timed): void => {
    const kind = hiding(reply)
    if (kind === null) return
    const times = timesOf(reply.ask.connection.custodian)[kind]
    times.push(reply.tookMs)
    if (times.length > REMEMBERED) times.shift()
  }

  return () => {
    const began = now()
    return async (replies) => {
      const custodians = replies.flatMap((reply) =>
        hiding(reply) === null ? [] : [reply.ask.connection.custodian],
      )
      if (custodians.length === 0) return
      const pace = Math.max(...custodians.map((custodian) => paceOf(timesOf(custodian))))
      for (const reply of replies) learn(reply)
      const deadline = Math.max(...custodians.map(({ deadlineMs }) => deadlineMs ?? defaultDeadlineMs))
      const elapsed = now() - began
      const until = Math.min(deadline, Math.max(pace, step(elapsed)))
      // a timer may ring a millisecond early
      for (let left = until - elapsed; left > 0; left = until - (now() - began)) await wait(Math.ceil(left))
    }
  }
}
