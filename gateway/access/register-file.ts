/** The register as a partner's system hands it over. Refuses a file with any fault, naming every one. */
import { readFile } from 'node:fs/promises'
import { parse } from 'yaml'
import { z } from 'zod'
import { isNhsNumber, type NhsNumber } from '../../schema/nhs-number.ts'
import { organisationKinds } from '../../schema/organisation.ts'
import { Refusal } from '../../schema/refusal.ts'

const moment = z.iso.date().or(z.iso.datetime({ offset: true }))
const period = { from: moment, until: moment.nullable() }

/** Police vetting and its like, 0 (none recorded) to 3; the fictional partnership's own scale. */
const vetting = z.int().min(0).max(3)

const nhsNumber = z.custom<NhsNumber>(
  (value) => typeof value === 'string' && isNhsNumber(value),
  'is no valid NHS number',
)

const RegisterFile = z.strictObject({
  source: z.string().min(3).max(120),
  practitioners: z.array(
    z.strictObject({
      subject: z.string().min(1).max(200),
      name: z.string().min(1).max(200),
      agency: z.string().regex(/^[a-z0-9-]+$/),
      role: z.string().regex(/^[a-z0-9-]+$/),
      organisationKind: z.enum(organisationKinds),
      vetting,
      /** after it the vetting counts for nothing */
      vettingUntil: moment.nullable().default(null),
      /** in information sharing; who has none on record is not trained */
      training: z.strictObject({ until: moment }).nullable().default(null),
      /** the named right to open emergency access to a child */
      breakGlass: z.strictObject(period).nullable().default(null),
      ...period,
    }),
  ),
  nominations: z.array(
    z.strictObject({
      subject: z.string().min(1),
      role: z.string().min(1),
      source: z.string().min(3),
      ...period,
    }),
  ),
  cases: z.array(
    z.strictObject({
      reference: z.string().regex(/^[A-Z0-9][A-Z0-9/-]{2,39}$/),
      nhsNumber,
      dateOfBirth: z.iso.date(),
      /** every name by which the child is rightly known, preferred and former ones too */
      givenNames: z.array(z.string().min(1)).min(1),
      familyNames: z.array(z.string().min(1)).min(1),
      /** a refuge or another safe address: hides whereabouts in every custodian's records */
      labels: z.array(z.literal('address-confidential')).default([]),
      practitioners: z.array(
        z.strictObject({
          subject: z.string().min(1),
          kind: z.enum(['allocated', 'strategy-invitee', 'duty']),
          ...period,
        }),
      ),
    }),
  ),
  /** which people are a child themselves, or a child's relative: neither they nor their colleagues ask about her */
  connections: z
    .array(
      z.strictObject({
        subject: z.string().min(1),
        nhsNumber,
        kind: z.enum(['self', 'relative']),
        source: z.string().min(3),
        ...period,
      }),
    )
    .default([]),
})

export type RegisterFile = z.infer<typeof RegisterFile>

export function registerFrom(value: unknown, name: string): RegisterFile {
  const read = RegisterFile.safeParse(value)
  if (read.success) return read.data
  const faults = read.error.issues.map((issue) => `  ${name}: ${issue.path.join('.')} ${issue.message}`)
  throw new Refusal('REGISTER_INVALID', `the register was not taken over:\n${faults.join('\n')}`)
}

export async function readRegister(path: string): Promise<RegisterFile> {
  const text = await readFile(path, 'utf8')
  try {
    return registerFrom(parse(text), path)
  } catch (error) {
    if (error instanceof Refusal) throw error
    throw new Refusal('REGISTER_INVALID', `\`${path}\` is neither YAML nor JSON`)
  }
}
