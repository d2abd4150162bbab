/** What the education welfare service holds about one child, in the shape in which its system answers. */
import { at } from './calendar.ts'
import type { IdentityHeld } from './identity-held.ts'
import type { Entry } from './school-file.ts'

export interface WelfareFile {
  readonly ref: string
  readonly child: Entry
  readonly entries: Entry[]
}

export const openWelfareFile = (serial: number, identity: IdentityHeld): WelfareFile => {
  const ref = `EWS-${20_000 + serial}`
  return {
    ref,
    child: {
      ref,
      nhs: identity.nhsNumber,
      upn: identity.upn,
      forename: identity.given,
      surname: identity.family,
      otherNames: identity.otherNames,
      dob: identity.dateOfBirth,
      restrictions: identity.labels,
    },
    entries: [],
  }
}

/** `entry` holds the fields of its kind, as `agencies/README.md` lists them. */
export function enterWelfare(
  file: WelfareFile,
  kind: 'register' | 'attendance-case' | 'ehcp' | 'officer',
  date: string,
  entry: Entry,
  labels: readonly string[] = [],
): void {
  file.entries.push({
    entryId: `${file.ref}-${file.entries.length + 1}`,
    childRef: file.ref,
    kind,
    date,
    enteredAt: at(date, '14:20'),
    ...entry,
    restrictions: labels,
  })
}
