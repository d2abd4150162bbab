/**
 * How a value reads on a terminal: days and times as in the United Kingdom, codes in their meaning, lines that end in
 * time. Refuses to pass on a custodian's control characters, which could rewrite what stands on the screen.
 */
import type { Field } from '../../schema/record-type.ts'

export type Json = Readonly<Record<string, unknown>>

/** Columns. Half of a wide screen, and a printed page in landscape. */
export const WIDTH = 110

/** Control characters, and those that turn the direction of writing (Unicode bidirectional algorithm, 2). */
const UNSAFE = /[\p{Cc}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]+/gu

/** Every word that is printed goes through here. */
export const text = (value: unknown): string =>
  value === null || value === undefined ? '' : String(value).replaceAll(UNSAFE, ' ').trim()

export const list = (value: unknown): readonly Json[] => (Array.isArray(value) ? (value as Json[]) : [])
export const object = (value: unknown): Json =>
  typeof value === 'object' && value !== null ? (value as Json) : {}

const ISO_DAY = /^\d{4}-\d{2}-\d{2}$/
const ISO_INSTANT = /^\d{4}-\d{2}-\d{2}T/
const DAY = { day: 'numeric', month: 'short', year: 'numeric' } as const
const day = new Intl.DateTimeFormat('en-GB', { ...DAY, timeZone: 'UTC' })
const dayInLondon = new Intl.DateTimeFormat('en-GB', { ...DAY, timeZone: 'Europe/London' })
const moment = new Intl.DateTimeFormat('en-GB', {
  ...DAY,
  hour: '2-digit',
  minute: '2-digit',
  timeZone: 'Europe/London',
})

function told(value: unknown, instants: Intl.DateTimeFormat): string {
  const said = text(value)
  const format = ISO_DAY.test(said) ? day : ISO_INSTANT.test(said) ? instants : null
  return format === null || Number.isNaN(Date.parse(said)) ? said : format.format(new Date(said))
}

/** `2026-10-27` is `27 Oct 2026`; an instant is told by the clock in London; what is neither stays as it is. */
export const when = (value: unknown): string => told(value, moment)

/** The day alone. */
export const dayOf = (value: unknown): string => told(value, dayInLondon)

const ABBREVIATIONS: Readonly<Record<string, string>> = {
  upn: 'UPN',
  dash: 'DASH',
  marac: 'MARAC',
  snomed: 'SNOMED',
}

/** `maracCase` is `MARAC case`. */
export function label(field: string): string {
  const words = field.replaceAll(/([A-Z])/g, ' $1').toLowerCase()
  const plain = words.replace(/^\S+/, (first) => ABBREVIATIONS[first] ?? first)
  return plain.charAt(0).toUpperCase() + plain.slice(1)
}

/** For the middle of a sentence. */
export const lower = (words: string): string =>
  /^[A-Z][a-z ]/.test(words) ? words.charAt(0).toLowerCase() + words.slice(1) : words

const codeInWords = ({ code, meaning }: Json): string =>
  meaning ? `${text(meaning)} [${text(code)}]` : `${text(code)} (this code is not in its list)`

/** @returns empty where the custodian holds nothing in the field, or it is not shown */
export function fieldInWords({ kind }: Field, value: unknown): string {
  if (Array.isArray(value))
    return value.map((each) => (kind === 'code' ? codeInWords(each) : text(each))).join('; ')
  if (value === null || value === undefined) return ''
  if (kind === 'code') return codeInWords(object(value))
  if (kind === 'flag') return value ? 'yes' : 'no'
  return kind === 'date' || kind === 'instant' ? when(value) : text(value)
}

/** Breaks words into lines; the first begins with `first`, the others are indented as deep. */
export function wrapped(words: string, first = '', width = WIDTH): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of words.split(/\s+/).filter((each) => each !== '')) {
    if (line !== '' && first.length + line.length + 1 + word.length > width) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line].map((each, place) =>
    `${place === 0 ? first : ' '.repeat(first.length)}${each}`.trimEnd(),
  )
}

export const heading = (words: string, rule: '─' | '═' = '─'): string[] => [
  '',
  words,
  rule.repeat(words.length),
]
