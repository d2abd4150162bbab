/** The rules by which rows of a subject access list are held back: a list of the bundle of policies. */
import { z } from 'zod'
import { type DataGroup, decidedGroups } from '../../schema/data-group.ts'
import { sectors } from '../../schema/record-type.ts'
import { recordTypes } from '../../schema/record-types.ts'

export const SUBJECT_ACCESS = 'subject-access.yaml'

export const requesters = ['child', 'parent', 'other'] as const
export type Requester = (typeof requesters)[number]

const some = <T extends z.ZodType>(entry: T) => z.array(entry).min(1).optional()

const kind = z
  .string()
  .refine(
    (text) =>
      recordTypes.some(({ name }) =>
        text.endsWith('.*') ? name.startsWith(text.slice(0, -1)) : name === text,
      ),
    'is no kind of record',
  )

export const subjectAccessFile = z
  .array(
    z.strictObject({
      rule: z.string().regex(/^[a-z-]+$/),
      title: z.string().min(3),
      when: z
        .strictObject({
          sources: some(z.enum(sectors)),
          recipients: some(z.enum(sectors)),
          kinds: some(kind),
          groups: some(z.enum(['envelope', ...decidedGroups])),
          thresholds: some(z.string()),
          requester: some(z.enum(requesters)),
          emergency: z.literal(true).optional(),
        })
        .refine((when) => Object.keys(when).length > 0, 'says nothing of when it holds'),
      law: z.string().min(5),
      mark: z.enum(['V', 'K', '?']),
      note: z.string().optional(),
    }),
  )
  .min(1)
  .refine((rules) => new Set(rules.map(({ rule }) => rule)).size === rules.length, 'a rule is there twice')

export type SubjectAccessRule = z.infer<typeof subjectAccessFile>[number]

/** What a rule can look at. */
export interface RowSeen {
  readonly source: readonly string[]
  readonly recipient: readonly string[]
  readonly kinds: readonly string[]
  readonly groups: readonly DataGroup[]
  readonly threshold: string | null
  readonly requester: Requester
  readonly emergency: boolean
}

export function holds({ when }: SubjectAccessRule, row: RowSeen): boolean {
  const any = <T>(wanted: readonly T[] | undefined, found: readonly T[]) =>
    wanted === undefined || wanted.some((each) => found.includes(each))
  const ofKind = (wanted: string) =>
    row.kinds.some((each) => (wanted.endsWith('.*') ? each.startsWith(wanted.slice(0, -1)) : each === wanted))
  return (
    any<string>(when.sources, row.source) &&
    any<string>(when.recipients, row.recipient) &&
    any<string>(when.groups, row.groups) &&
    any(when.thresholds, row.threshold === null ? [] : [row.threshold]) &&
    any(when.requester, [row.requester]) &&
    (when.kinds === undefined || when.kinds.some(ofKind)) &&
    (when.emergency === undefined || row.emergency)
  )
}
