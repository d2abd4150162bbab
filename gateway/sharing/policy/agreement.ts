/** Sharing agreements: which agency shares what with whom, for what, and how long. Overlaps are refused. */
import { z } from 'zod'
import { dayAfter, isDay, startOfUkDay } from './uk-day.ts'

export interface Agreement {
  readonly id: string
  readonly version: number
  readonly title: string
  readonly source: { readonly agency: string; readonly custodians: readonly string[] }
  readonly recipients: readonly string[]
  readonly recordTypes: readonly string[]
  readonly purposes: readonly string[]
  readonly bases: readonly string[]
  readonly thresholds: readonly string[]
  readonly starts: Date
  /** the first instant at which it no longer applies */
  readonly expires: Date
  readonly suspended: boolean
  readonly restrictions: readonly string[]
  readonly duties: readonly string[]
}

const name = z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'lower-case words joined by hyphens are needed')
const day = z.string().refine(isDay, 'a day such as 2026-04-13 is needed')
const codes = z
  .array(z.string())
  .min(1)
  .refine((list) => new Set(list).size === list.length, 'an entry is there twice')

/** One file of `agreements/`, in the spirit of the SharingPolicy of the draft MAIS governance standard. */
export const agreementFile = z
  .strictObject({
    id: z.string().regex(/^[A-Z0-9]+(-[A-Z0-9]+)*$/, 'capitals and digits joined by hyphens are needed'),
    version: z.int().min(1),
    title: z.string().min(1),
    parties: z.strictObject({
      source: z.strictObject({ agency: name, custodians: z.array(name).min(1) }),
      recipients: z.array(name).min(1),
    }),
    recordTypes: codes,
    purposes: codes,
    bases: codes,
    thresholds: codes,
    starts: day,
    ends: day,
    suspended: z.boolean(),
    restrictions: z.array(z.string().min(1)),
    duties: z.array(z.string().min(1)),
  })
  .refine((file) => file.starts <= file.ends, { path: ['ends'], error: 'it ends before it starts' })

export function agreementOf(file: z.infer<typeof agreementFile>): Agreement {
  const { parties, starts, ends, ...terms } = file
  return { ...terms, ...parties, starts: startOfUkDay(starts), expires: startOfUkDay(dayAfter(ends)) }
}

export type AgreementState = 'in-force' | 'not-started' | 'suspended' | 'ended'

export function stateOf(agreement: Agreement, on: Date): AgreementState {
  if (on < agreement.starts) return 'not-started'
  if (on >= agreement.expires) return 'ended'
  return agreement.suspended ? 'suspended' : 'in-force'
}

/**
 * The one row that joins a custodian and a recipient agency: the one whose days contain `on`, suspended or not;
 * else the last that has ended; else the next to start; else none.
 */
export function agreementFor(
  bundle: { readonly agreements: readonly Agreement[] },
  custodianAgency: string,
  custodian: string,
  recipientAgency: string,
  on: Date,
): Agreement | undefined {
  const rows = bundle.agreements
    .filter(({ source, recipients }) => {
      const given = source.agency === custodianAgency && source.custodians.includes(custodian)
      return given && recipients.includes(recipientAgency)
    })
    .sort((one, other) => one.starts.getTime() - other.starts.getTime())
  return rows.findLast((row) => row.starts <= on) ?? rows[0]
}

/** Pairs that would leave it open which row applies: a shared custodian, a shared recipient and a shared day. */
export function overlaps(agreements: readonly Agreement[]): [Agreement, Agreement][] {
  return agreements.flatMap((one, index) =>
    agreements
      .slice(index + 1)
      .filter(
        (other) =>
          one.source.agency === other.source.agency &&
          one.source.custodians.some((custodian) => other.source.custodians.includes(custodian)) &&
          one.recipients.some((recipient) => other.recipients.includes(recipient)) &&
          one.starts < other.expires &&
          other.starts < one.expires,
      )
      .map((other): [Agreement, Agreement] => [one, other]),
  )
}
