/** The lists beside the policies: lawful bases, purposes, thresholds and reasons, as their YAML holds them. */
import { z } from 'zod'
import { organisationKinds } from '../../../schema/organisation.ts'
import { isDay } from './uk-day.ts'

const day = z.string().refine(isDay, 'a day such as 2026-09-30 is needed')
const code = z.string().regex(/^[A-Za-z0-9]+([-_][A-Za-z0-9]+)*$/, 'a code such as CA89-47 is needed')

/** The kinds of basis of which a question asserts one each. */
export const basisKinds = ['article6', 'condition', 'function'] as const
export type BasisKind = (typeof basisKinds)[number]

const basis = z.strictObject({
  code,
  kind: z.enum(basisKinds),
  citation: z.string().min(1),
  title: z.string().min(1),
  /** days in the United Kingdom, both inclusive */
  inForce: z.union([
    z.literal('long-standing'),
    z.literal('awaiting-commencement'),
    z.strictObject({ from: day, to: day.optional() }),
  ]),
  closedTo: z.array(z.enum(organisationKinds)),
  /** V read in a public source, K general knowledge, ? to be checked before it is relied on */
  mark: z.enum(['V', 'K', '?']),
  /** `secondary` where the date comes from another's report of the law */
  source: z.literal('secondary').optional(),
  note: z.string().min(1).optional(),
})
export type Basis = z.infer<typeof basis>

const purpose = z.strictObject({
  code,
  title: z.string().min(1),
  thresholds: z.array(code).min(1),
  functions: z.array(code).min(1),
  roles: z.array(code).min(1),
})
export type Purpose = z.infer<typeof purpose>

const threshold = z.strictObject({ code, title: z.string().min(1), functions: z.array(code).min(1) })
export type Threshold = z.infer<typeof threshold>

const reason = z.strictObject({
  code: z.string().regex(/^[A-Z0-9]+(_[A-Z0-9]+)*$/, 'a code such as THIRD_PARTY is needed'),
  /** what a practitioner reads; null for a reason that is never told */
  words: z.string().min(1).nullable(),
  /** the person to turn to */
  route: z.string().min(1),
})
export type Reason = z.infer<typeof reason>

export const basesFile = z.array(basis).min(1)
export const purposesFile = z.array(purpose).min(1)
export const thresholdsFile = z.array(threshold).min(1)
export const reasonsFile = z.array(reason).min(1)

/** Reasons that the gateway itself gives; `reasons.yaml` must hold words for each. */
export const gatewayReasons = [
  'NO_PERMIT_COVERS_THIS',
  'NO_CASE_RELATIONSHIP',
  'EMERGENCY_NOT_COVERED',
  'NOT_A_MACPT_MEMBER',
  'NO_AGREEMENT',
  'AGREEMENT_NOT_STARTED',
  'AGREEMENT_SUSPENDED',
  'AGREEMENT_EXPIRED',
  'RECORD_TYPE_NOT_COVERED',
  'PURPOSE_NOT_COVERED',
  'LAWFUL_BASIS_NOT_COVERED',
  'THRESHOLD_NOT_COVERED',
  'ASK_IG_LEAD',
  'POLICY_FAULT',
] as const
export type GatewayReason = (typeof gatewayReasons)[number]
