/** A bundle in which several agencies' own people decide first, and custodians to plan for. */
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Connection, Custodian } from '../../../adapters/contract.ts'
import type { PolicyBundle } from '../../../gateway/sharing/policy/bundle.ts'
import { loadBundle } from '../../../gateway/sharing/policy/load.ts'
import { policiesDir } from './policy/asked.ts'

export const KINDS_UNDER_REVIEW = [
  'education.suspension',
  'education.sen',
  'person.involvement',
  'police.intelligence',
  'health.condition',
]

/** Northshire's policies, and one more that leaves these kinds to whichever agency holds them. */
export async function bundleWithReviews(): Promise<PolicyBundle> {
  const dir = await mkdtemp(join(tmpdir(), 'policies-'))
  try {
    await cp(policiesDir, dir, { recursive: true })
    const kinds = KINDS_UNDER_REVIEW.map((kind) => `RecordType::"${kind}"`)
    await writeFile(
      join(dir, 'reviews.cedar'),
      `@id("reviews.of-this-test")
@title("The agency's own person decides first")
@reason("AGENCY_DECIDES_FIRST")
@disclose("subject")
@review("agency")
forbid (principal, action in Action::"any", resource)
when { [${kinds.join(', ')}].contains(resource.recordType) }
unless { resource.reviewed };
`,
    )
    return await loadBundle(dir)
  } finally {
    await rm(dir, { recursive: true })
  }
}

const contact = { name: 'Whoever is there', telephone: '01632 960000', email: null, emergencyTelephone: null }

export const custodianOf = (
  agency: string,
  sector: Custodian['sector'],
  recordTypes: readonly string[],
): Connection => ({
  custodian: {
    ...{ id: agency, name: agency, agency, sector, contact, recordTypes },
    ...{ deadlineMs: null, freshWithinHours: null, identityEvidence: 'demographics', isPlace: false },
  },
  ask: async () => ({ kind: 'not-held', asOf: null, searched: { from: null, until: null } }),
  close: async () => undefined,
})
