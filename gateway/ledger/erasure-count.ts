/**
 * How a record of an erasure is known among others, and for how many gone records it accounts. Stands alone, so that a
 * thread that checks starts without the rest of the ledger. Refuses nothing: what is no such record accounts for none.
 */

const TYPE = 'sightline.access.erased.v1'

/** How every record of an erasure writes its type; canonical JSON writes it in no other way. */
export const ERASURE = `"type":"${TYPE}"`

interface Said {
  readonly type?: unknown
  readonly data?: { readonly erasure?: { readonly records?: unknown } | null } | null
}

/** How many records a record of an erasure accounts for; 0 where it is none after all. */
export function accountedBy(record: Buffer): number {
  const said = saidBy(record)
  const records = said?.type === TYPE ? said.data?.erasure?.records : null
  return typeof records === 'number' && Number.isSafeInteger(records) && records > 0 ? records : 0
}

function saidBy(record: Buffer): Said | null {
  try {
    return JSON.parse(record.toString())
  } catch {
    return null
  }
}
