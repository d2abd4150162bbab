/**
 * Writes the records of one send as Kafka stores them (record batch, magic 2), each once and into one buffer. kafkajs would
 * give every record and every header a buffer of its own, which costs more than all else on the way to Kafka. It takes
 * our records through its door for codecs: the first of our messages carries them all, the others are not there and only
 * count. The batch around them, with its checksum and its sequence numbers, stays kafkajs's own. Refuses to compress.
 * @see https://kafka.apache.org/documentation/#record
 */
import kafkajs, { type CompressionTypes, type Message } from 'kafkajs'
import { INDEX_HEADER, LOG_HEADER } from './topic-reader.ts'

/** A record at its place in the log. */
export interface LedgerEntry {
  readonly index: number
  readonly eventId: string
  readonly partitionKey: string
  readonly bytes: Buffer
}

/** kafkajs asks its codec 8 for the records, and writes the lowest three bits into the batch: 0, not compressed. */
export const WRITTEN_BY_US = 8 as CompressionTypes

const ourRecords = () => ({ compress: async ({ buffer }: { buffer: Buffer }) => valueOfFirst(buffer) })
Object.assign(kafkajs.CompressionCodecs, { [WRITTEN_BY_US]: ourRecords })

/** Lengths of one record and of its batch are signed 32-bit numbers, written seven bits a byte. */
const VARINT = 5 // bytes, at most
const LENGTHS = 8 * VARINT // of a record: its own, offset, key, value, headers

/**
 * As many as there are records, of which only the first is there. What kafkajs asks of a list passes over the gaps, but for
 * two things, which are answered here: that none lacks its value, and which partition they go to.
 */
export function messagesOf(batch: readonly LedgerEntry[], partition: number, log: string): Message[] {
  const messages: Message[] = [{ partition, key: null, value: recordsOf(batch, log) }]
  messages.length = batch.length
  return Object.assign(messages, { find: () => undefined, reduce: () => ({ [partition]: messages }) })
}

/** @returns the records, one behind the other */
export function recordsOf(batch: readonly LedgerEntry[], log: string): Buffer {
  const headers = sameHeaders(log)
  const room = headers.length + LENGTHS + String(Number.MAX_SAFE_INTEGER).length
  const keys = batch.map(({ partitionKey }) => Buffer.from(partitionKey))
  const total = batch.reduce((sum, { bytes }, n) => sum + bytes.length + (keys[n]?.length ?? 0) + room, 0)
  const to = Buffer.allocUnsafe(total)
  let at = 0
  for (const [n, { bytes, index }] of batch.entries()) {
    const key = keys[n] ?? Buffer.alloc(0)
    const place = String(index)
    const rest =
      2 + sizeOf(n) + sizeOf(key.length) + key.length + sizeOf(bytes.length) + bytes.length + headers.length
    at = writeVarint(to, at, rest + sizeOf(place.length) + place.length)
    at = to.writeUInt16BE(0, at) // attributes, and milliseconds after the first record of the batch
    at = writeVarint(to, at, n)
    at = writeVarint(to, at, key.length)
    at += key.copy(to, at)
    at = writeVarint(to, at, bytes.length)
    at += bytes.copy(to, at)
    at += headers.copy(to, at)
    at = writeVarint(to, at, place.length)
    at += to.write(place, at, 'latin1')
  }
  return to.subarray(0, at)
}

/** What each record has alike: the number of headers, two of them, and the name of the third, which is its place. */
function sameHeaders(log: string): Buffer {
  const text = (words: string) => {
    const bytes = Buffer.from(words)
    return Buffer.concat([varint(bytes.length), bytes])
  }
  const alike = ['content-type', 'application/cloudevents+json', LOG_HEADER, log, INDEX_HEADER]
  return Buffer.concat([varint(3), ...alike.map(text)])
}

/** A record without key: one byte each for attributes, time, offset and key stand between its length and its value. */
function valueOfFirst(record: Buffer): Buffer {
  const [, body] = readVarint(record, 0)
  const [length, value] = readVarint(record, body + 4)
  return record.subarray(value, value + length)
}

function varint(value: number): Buffer {
  const to = Buffer.alloc(VARINT)
  return to.subarray(0, writeVarint(to, 0, value))
}

/** Zigzag, as Kafka writes its lengths; none of ours is negative. @returns where the next byte goes */
function writeVarint(to: Buffer, at: number, value: number): number {
  let rest = value * 2
  let next = at
  for (; rest > 0x7f; rest >>>= 7) to[next++] = (rest & 0x7f) | 0x80
  to[next++] = rest
  return next
}

const sizeOf = (value: number): number => {
  let size = 1
  for (let rest = value * 2; rest > 0x7f; rest >>>= 7) size += 1
  return size
}

/** @returns the number, and where it ends */
function readVarint(from: Buffer, at: number): [number, number] {
  let value = 0
  for (let next = at, shift = 0; ; next++, shift += 7) {
    const byte = from[next] ?? 0
    value |= (byte & 0x7f) << shift
    if (byte < 0x80) return [value >>> 1, next + 1]
  }
}
