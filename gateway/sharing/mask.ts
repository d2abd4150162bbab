/** Applies what policy decided to the fields of one record: full, in part, or hidden with its reason. */
import type { MaskedField } from '../../schema/picture.ts'
import type { FieldValue } from '../../schema/record.ts'
import type { PartialForm, RecordType } from '../../schema/record-type.ts'
import type { PolicyBundle } from './policy/bundle.ts'
import type { Effect } from './policy/effect.ts'
import { reasonInWords } from './reason.ts'

type Release = Extract<Effect, { kind: 'release' }>

/** A partial form that cannot be made gives nothing: half an address must never be the whole one. */
const PARTLY: Readonly<Record<PartialForm, (value: string) => string | null>> = {
  'outward-postcode': (postcode) =>
    /^([A-Z]{1,2}\d[A-Z\d]?)\s*\d[A-Z]{2}$/i.exec(postcode.trim())?.[1] ?? null,
  year: (date) => /^(\d{4})-\d{2}-\d{2}$/.exec(date)?.[1] ?? null,
}

const holdsSomething = (value: FieldValue | undefined) =>
  value !== null && value !== undefined && value !== '' && !(Array.isArray(value) && value.length === 0)

export interface MaskedFields {
  readonly fields: Readonly<Record<string, FieldValue>>
  readonly masked: readonly MaskedField[]
}

/** Only fields that hold something are told as masked; an empty field looks the same to everybody. */
export function maskFields(
  bundle: PolicyBundle,
  type: RecordType,
  values: Readonly<Record<string, FieldValue>>,
  effect: Release,
): MaskedFields {
  const fields: Record<string, FieldValue> = {}
  const masked: MaskedField[] = []
  for (const [name, field] of Object.entries(type.fields)) {
    const value = values[name] ?? null
    if (field.group === 'envelope' || !holdsSomething(value)) {
      fields[name] = value
      continue
    }
    const { release, reason, policies } = effect.groups[field.group]
    if (release === 'full') {
      fields[name] = value
      continue
    }
    const part =
      release === 'partial' && field.partial !== null && typeof value === 'string'
        ? PARTLY[field.partial](value)
        : null
    fields[name] = part ?? (field.list ? [] : null)
    masked.push({
      field: name,
      form: part === null ? 'hidden' : 'partial',
      reason: reasonInWords(bundle, reason ?? 'NO_PERMIT_COVERS_THIS', policies),
    })
  }
  return { fields, masked }
}
