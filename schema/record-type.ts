/** How a kind of record is described: once, for the GraphQL schema, the adapters and the policies alike. */
import type { CodeSet } from './code-set.ts'
import type { DataGroup } from './data-group.ts'

export const sectors = ['police', 'health', 'education', 'social-care'] as const
export type Sector = (typeof sectors)[number]

/** A form that may be released where policy allows only part of a group. */
export type PartialForm = 'outward-postcode' | 'year'

export interface Field {
  readonly kind: 'text' | 'code' | 'date' | 'instant' | 'integer' | 'decimal' | 'flag'
  readonly group: DataGroup
  readonly about: string
  readonly list: boolean
  readonly codeSet: CodeSet | null
  readonly partial: PartialForm | null
}

export interface RecordType {
  /** `sector.kind`, as policies and agreements name it; `person.*` is shared by every sector. */
  readonly name: string
  readonly sector: Sector | 'person'
  readonly graphql: string
  /** The field of the sector that lists these records. */
  readonly plural: string
  readonly title: string
  readonly about: string
  readonly fields: Readonly<Record<string, Field>>
}

type Options = Partial<Pick<Field, 'list' | 'partial'>>

const field = (
  kind: Field['kind'],
  group: DataGroup,
  about: string,
  { list = false, partial = null }: Options = {},
  codeSet: CodeSet | null = null,
): Field => ({ kind, group, about, list, codeSet, partial })

export const text = (group: DataGroup, about: string, options?: Options) =>
  field('text', group, about, options)
export const date = (group: DataGroup, about: string, options?: Options) =>
  field('date', group, about, options)
export const instant = (group: DataGroup, about: string) => field('instant', group, about)
export const integer = (group: DataGroup, about: string) => field('integer', group, about)
export const decimal = (group: DataGroup, about: string) => field('decimal', group, about)
export const flag = (group: DataGroup, about: string) => field('flag', group, about)
export const code = (group: DataGroup, set: CodeSet, about: string, options?: Options) =>
  field('code', group, about, options, set)

/** `plural` is given where adding an s would be wrong. */
export const recordType = (
  name: string,
  graphql: string,
  plural: string,
  title: string,
  about: string,
  fields: Readonly<Record<string, Field>>,
): RecordType => ({
  name,
  sector: name.slice(0, name.indexOf('.')) as RecordType['sector'],
  graphql,
  plural,
  title,
  about,
  fields,
})
