/**
 * Hands an answer to its connection, portion by portion, and tells what became of it. Refuses nothing; a reader who
 * hangs up in mid-body cuts it off.
 */
import { Readable } from 'node:stream'
import type { FastifyReply } from 'fastify'
import type { Delivery } from './ledger/completion-record.ts'

/** Bytes. What the connection has not taken yet is counted as sent by at most two of these. */
const PORTION = 16 * 1024

export interface Deliverer {
  /** known once the response has ended, however it did */
  readonly delivered: Promise<Delivery>
  send(reply: FastifyReply, body: string): FastifyReply
}

export function deliverer(reply: FastifyReply): Deliverer {
  let bytes = 0
  function* portions(body: Buffer) {
    for (let begin = 0; begin < body.length; begin += PORTION) {
      const portion = body.subarray(begin, begin + PORTION)
      bytes += portion.length
      yield portion
    }
  }
  return {
    delivered: new Promise((resolve) => {
      const { raw } = reply
      raw.once('close', () => resolve({ ended: raw.writableFinished ? 'whole' : 'cut-off', bytes }))
    }),
    send(to, text) {
      const body = Buffer.from(text)
      to.header('content-length', body.length)
      return to.send(Readable.from(portions(body), { highWaterMark: 1 }))
    },
  }
}
