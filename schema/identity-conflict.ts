/** Identity details that custodians hold differently, side by side. Looks only at what may be shown. */
import type { ShownRecord } from './picture.ts'

export interface IdentityConflict {
  readonly field: string
  readonly values: readonly {
    readonly custodian: string
    readonly custodianName: string
    readonly value: string
    readonly recordedTime: string | null
  }[]
}

/** Details worth comparing: a wrong address has sent a social worker to the wrong door (Sara Sharif LCSPR, 2025). */
const COMPARED = ['givenName', 'familyName', 'dateOfBirth', 'address', 'postcode'] as const

/** Spaces, case, commas and full stops make no conflict. */
const plain = (value: string) => value.toLowerCase().replaceAll(/[\s.,'’-]+/g, '')

export function conflictsIn(details: readonly ShownRecord[]): IdentityConflict[] {
  return COMPARED.flatMap((field) => {
    const partly = (record: ShownRecord) => record.masked.some((masked) => masked.field === field)
    const values = details.flatMap((record) => {
      const value = record.fields[field]
      if (typeof value !== 'string' || value === '' || partly(record)) return []
      const { custodian, custodianName, recordedTime } = record
      return [{ custodian, custodianName, value, recordedTime }]
    })
    const different = new Set(values.map(({ value }) => plain(value))).size > 1
    return different ? [{ field, values }] : []
  })
}
