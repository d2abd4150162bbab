/**
 * Of which sectors a custodian or an agency is: what the approved agreements let it give, and besides what its file says.
 * Refuses to take a file's word alone: nobody approved it, and one wrong word in it would call the police a school.
 */
import { type Sector, sectors } from '../../schema/record-type.ts'
import type { Agreement } from '../sharing/policy/agreement.ts'
import type { ListedCustodian } from './custodian-list.ts'

/** Empty where no approved agreement tells. */
export interface Sectors {
  readonly ofCustodian: (id: string) => readonly Sector[]
  readonly ofAgency: (agency: string) => readonly Sector[]
}

export const sectorsFrom = (
  agreements: readonly Agreement[],
  custodians: readonly ListedCustodian[],
): Sectors => {
  const known = (gives: (source: Agreement['source']) => boolean, is: (file: ListedCustodian) => boolean) => {
    const approved = sectors.filter((sector) =>
      agreements.some(
        ({ source, recordTypes }) =>
          gives(source) && recordTypes.some((name) => name.startsWith(`${sector}.`)),
      ),
    )
    const stated = approved.length === 0 ? [] : custodians.filter(is).map(({ sector }) => sector)
    return [...new Set([...approved, ...stated])]
  }
  return {
    ofCustodian: (id) =>
      known(
        (source) => source.custodians.includes(id),
        (file) => file.id === id,
      ),
    ofAgency: (agency) =>
      known(
        (source) => source.agency === agency,
        (file) => file.agency === agency,
      ),
  }
}
