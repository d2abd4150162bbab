/** Applies what policy decided to the fields of one record: full, in part, or hidden with its reason. */
import type { MaskedField } from '../../schema/picture.ts'
import type { FieldValue } from '../../schema/record.ts'
import type { PartialForm, RecordType } from '../../schema/record-type.ts'
import type { PolicyBundle } from './policy/bundle.ts'
import type { Effect, GroupEffect } from './policy/effect.ts'
import { reasonInWords } from './reason.ts'

type Release = Extract<Effect, { kind: 'release' }>

/** A partial form that cannot be made gives nothing: half an address must never be the whole one. */
const PARTLY: Readonly<Record<PartialForm, (value: string) => string | null>> = {
  'outward-postcode': (postcode) =>
    /^([A-Z]{1,2}\d[A-Z\d]?)\s*\d[A-Z]{2}$/i.exec(postcode.trim())?.[1] ?? null,
  year: (date) => /^(\d{4})-\d{2}-\d{2}$/.exec(date)?.[1] ?? null,
}

const holdsSomething = (value: FieldValue) =>
  value !== null && value !== '' && !(Array.isArray(value) && value.length === 0)

/** The envelope is released with the record itself. */
const WHOLE: GroupEffect = { release: 'full', policies: [] }

export interface MaskedFields {
  readonly fields: Readonly<Record<string, FieldValue>>
  readonly masked: readonly MaskedField[]
}

/**
 * A field that holds nothing looks the same to everybody. One that was not even asked for, because policy would not
 * release it, is told as masked: nobody may take it for empty.
 */
export function maskFields(
  bundle: PolicyBundle,
  type: RecordType,
  values: Readonly<Record<string, FieldValue>>,
  effect: Release,
): MaskedFields {
  const fields: Record<string, FieldValue> = {}
  const masked: MaskedField[] = []
  for (const [name, { group, list, partial }] of Object.entries(type.fields)) {
    const value = values[name]
    const empty = list ? [] : null
    const { release, reason, policies } = group === 'envelope' ? WHOLE : effect.groups[group]
    if (release === 'full' || (value !== undefined && !holdsSomething(value))) {
      fields[name] = value ?? empty
      continue
    }
    const part =
      release === 'partial' && partial !== null && typeof value === 'string' ? PARTLY[partial](value) : null
    fields[name] = part ?? empty
    masked.push({
      field: name,
      form: part === null ? 'hidden' : 'partial',
      // a reason that only the IG lead may read is not given away by the name of its policy
      reason: reasonInWords(
        bundle,
        reason ?? 'NO_PERMIT_COVERS_THIS',
        reason === 'ASK_IG_LEAD' ? [] : policies,
      ),
    })
  }
  return { fields, masked }
}
