/**
 * The grounds of a decision: all that the policies could see when they decided one question. Holds who asked, for
 * what, and classes of record with their number; never a record, never a child. What was silent is among them, so
 * they are read by the workbench of the IG lead alone, and rest encrypted.
 */
import { z } from 'zod'
import type { Ask, Practitioner, RecordClass } from './decide.ts'
import type { RecordKind } from './may-ask.ts'

export interface Grounds {
  /** version of the bundle that decided */
  readonly bundle: string
  readonly practitioner: Practitioner
  readonly context: Ask
  /** every kind of record of every connected custodian, whether it was asked for or not */
  readonly kinds: readonly RecordKind[]
  /** each class of record that came back, the silent ones too, and how many of it */
  readonly classes: readonly { readonly record: RecordClass; readonly n: number }[]
}

/** Only what reading relies on is checked; what policies may see is checked anew whenever they decide. */
const Written = z.looseObject({
  bundle: z.string(),
  practitioner: z.looseObject({}),
  context: z.looseObject({ now: z.iso.datetime() }),
  kinds: z.array(z.looseObject({})),
  classes: z.array(z.looseObject({ record: z.looseObject({}), n: z.int().min(1) })),
})

export const writeGrounds = (grounds: Grounds): Buffer => Buffer.from(JSON.stringify(grounds))

export function readGrounds(bytes: Buffer): Grounds {
  const { context, ...rest } = Written.parse(JSON.parse(bytes.toString()))
  return { ...rest, context: { ...context, now: new Date(context.now) } } as unknown as Grounds
}
