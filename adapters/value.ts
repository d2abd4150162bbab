/**
 * Reads one native value as the kind of value that a record type declares.
 * Refuses, as malformed, what it cannot read: nothing is guessed, cut short or passed on as it came.
 */
import type { Field } from '../schema/record-type.ts'
import { Fault } from './fault.ts'

/** A free text longer than this is not a field but a document. Characters. */
const LONGEST_TEXT = 20_000
/** Codes, ids, labels and conditions. Characters. */
const LONGEST_WORD = 200
const LONGEST_LIST = 200

/** Control characters but tab and line feed; lone surrogates; marks that turn the direction of writing. */
const UNSEEN = /(?![\t\n])[\p{Cc}\p{Surrogate}\p{Bidi_Control}]/gu

const malformed = (what: string) => new Fault('malformed', what)

/** @returns trimmed text, null where nothing is left of it */
export function textIn(value: unknown, longest = LONGEST_TEXT): string | null {
  if (value === null || value === undefined) return null
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean')
    throw malformed('a text is of another kind')
  const text = String(value).replaceAll(UNSEEN, '').trim()
  if (text.length > longest) throw malformed('a text is too long')
  return text === '' ? null : text
}

export const wordIn = (value: unknown): string | null => textIn(value, LONGEST_WORD)

export function listIn(value: unknown, read = textIn): readonly string[] {
  if (value === null || value === undefined) return []
  const list: readonly unknown[] = Array.isArray(value) ? value : [value]
  if (list.length > LONGEST_LIST) throw malformed('a list is too long')
  return list.map((each) => read(each)).filter((each) => each !== null)
}

/** FHIR allows a year or a month alone: too little for a date, and not a fault. */
const PARTIAL = /^\d{4}(-\d{2})?$/
const DATE = /^(\d{4}-\d{2}-\d{2})$/
const INSTANT = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)\s*(Z|[+-]\d{2}(?::?\d{2})?)?$/

/** @returns an ISO date; of an instant, the date that it names */
export function dateIn(value: unknown): string | null {
  const text = wordIn(value)
  if (text === null || PARTIAL.test(text)) return null
  const day = DATE.exec(text)?.[1] ?? INSTANT.exec(text)?.[1]
  if (day === undefined || !isDay(day)) throw malformed('a date is not a date')
  return day
}

/** @returns an instant in UTC. A time without a zone is read as the clock on the wall in London. */
export function instantIn(value: unknown): string | null {
  const text = wordIn(value)
  if (text === null || PARTIAL.test(text)) return null
  const [, day, time, zone] = INSTANT.exec(text) ?? []
  if (day === undefined || time === undefined || !isDay(day)) throw malformed('a time is not a time')
  const offset = zone === undefined ? londonOffset(`${day}T${time}`) : fullOffset(zone)
  const instant = new Date(`${day}T${time}${offset}`)
  if (Number.isNaN(instant.getTime())) throw malformed('a time is not a time')
  return instant.toISOString()
}

export const momentIn = (value: unknown): string | null =>
  typeof value === 'string' && DATE.test(value.trim()) ? dateIn(value) : instantIn(value)

function isDay(day: string): boolean {
  const date = new Date(`${day}T00:00:00Z`)
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(day) && day >= '1850' && day < '2200'
}

const fullOffset = (zone: string) =>
  zone === 'Z' ? zone : zone.length === 3 ? `${zone}:00` : zone.replace(/^(...):?(..)$/, '$1:$2')

const london = new Intl.DateTimeFormat('en-GB', { timeZone: 'Europe/London', timeZoneName: 'longOffset' })

function londonOffset(wall: string): string {
  const asUtc = new Date(`${wall}Z`)
  if (Number.isNaN(asUtc.getTime())) throw malformed('a time is not a time')
  const name = london.formatToParts(asUtc).find((part) => part.type === 'timeZoneName')?.value ?? 'GMT'
  return name === 'GMT' ? 'Z' : name.slice('GMT'.length)
}

const flags: Readonly<Record<string, boolean>> = {
  true: true,
  t: true,
  yes: true,
  y: true,
  '1': true,
  false: false,
  f: false,
  no: false,
  n: false,
  '0': false,
}

function flagIn(value: unknown): boolean | null {
  const text = wordIn(value)?.toLowerCase()
  if (text === undefined) return null
  if (!Object.hasOwn(flags, text)) throw malformed('a yes or no is neither')
  return flags[text] ?? null
}

function numberIn(value: unknown, whole: boolean): number | null {
  const text = wordIn(value)
  if (text === null) return null
  const number = Number(text)
  if (!/^-?\d+(\.\d+)?$/.test(text) || Math.abs(number) > 1e9) throw malformed('a number is not a number')
  if (whole && !Number.isInteger(number)) throw malformed('a whole number is not whole')
  return number
}

export function fieldIn(field: Field, value: unknown): string | number | boolean | readonly string[] | null {
  if (field.list) {
    const list = listIn(value, field.kind === 'code' ? wordIn : textIn)
    return list.length === 0 ? null : list
  }
  const one = Array.isArray(value) ? only(field, value) : value
  switch (field.kind) {
    case 'text':
      return textIn(one)
    case 'code':
      return wordIn(one)
    case 'date':
      return dateIn(one)
    case 'instant':
      return instantIn(one)
    case 'integer':
      return numberIn(one, true)
    case 'decimal':
      return numberIn(one, false)
    case 'flag':
      return flagIn(one)
  }
}

/** Several texts for one field are shown beside each other; several of anything else cannot be right. */
function only(field: Field, values: readonly unknown[]): unknown {
  if (values.length <= 1) return values[0]
  if (field.kind !== 'text') throw malformed('a single value came as several')
  return listIn(values).join(', ')
}
