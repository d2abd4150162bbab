/** What the parts of a ledger raised and called mended, for a test that looks at the parts and not at who is told. */
import type { FaultReports, LedgerFault } from '../../../gateway/ledger/alert-kind.ts'

export interface FaultsHeard extends FaultReports {
  /** what stands now, in the order in which it was raised */
  readonly standing: LedgerFault[]
}

export function faultsHeard(): FaultsHeard {
  const standing: LedgerFault[] = []
  return {
    standing,
    raise: (fault) => void standing.push(fault),
    mended(kind, scope, except = []) {
      const stays = standing.filter(
        (each) => each.kind !== kind || each.scope !== scope || except.includes(each.place ?? ''),
      )
      standing.splice(0, standing.length, ...stays)
    },
  }
}
