/**
 * Checks the reason of a question before anything is asked: purpose, role, threshold and lawful basis.
 * Refuses a basis that is not in force on the day, not of its kind, closed to the organisation, or not for the purpose.
 */

import { organisationKinds } from '../../../schema/organisation.ts'
import { Refusal } from '../../../schema/refusal.ts'
import type { PolicyBundle } from './bundle.ts'
import { type Basis, type BasisKind, basisKinds } from './catalogue.ts'
import { ukDayOf } from './uk-day.ts'

export interface DeclaredReason {
  readonly purpose: string
  readonly lawfulBasis: { readonly article6: string; readonly condition: string; readonly function: string }
  readonly threshold: string
  readonly role: string
  /** one of `organisationKinds`; any other is refused by every basis that is closed to someone */
  readonly organisationKind: string
  /** the instant of asking; bases begin and end at midnight in the United Kingdom */
  readonly on: Date
}

const named: Record<BasisKind, string> = {
  article6: 'condition of Article 6',
  condition: 'condition of Article 9 or 10',
  function: 'function',
}

/**
 * @throws Refusal PURPOSE_UNKNOWN, PURPOSE_NOT_PERMITTED, THRESHOLD_UNKNOWN, THRESHOLD_DOES_NOT_SUPPORT_PURPOSE,
 *   LAWFUL_BASIS_UNKNOWN, LAWFUL_BASIS_WRONG_KIND, LAWFUL_BASIS_NOT_YET_IN_FORCE, LAWFUL_BASIS_ENDED,
 *   LAWFUL_BASIS_NOT_FOR_ORGANISATION, LAWFUL_BASIS_NOT_FOR_PURPOSE: the first that applies, in this order
 * @returns the three codes asserted, as policies see them
 */
export function checkReason(
  bundle: Pick<PolicyBundle, 'purposes' | 'thresholds' | 'lawfulBases'>,
  reason: DeclaredReason,
): readonly string[] {
  const purpose = bundle.purposes.get(reason.purpose)
  if (!purpose) {
    throw new Refusal(
      'PURPOSE_UNKNOWN',
      `${quoted(reason.purpose)} is no purpose of this partnership; choose one of ${listed(bundle.purposes)}`,
    )
  }
  if (!purpose.roles.includes(reason.role)) {
    throw new Refusal(
      'PURPOSE_NOT_PERMITTED',
      `your role may not declare the purpose \`${purpose.code}\`; it is open to ${purpose.roles.join(', ')}`,
    )
  }
  const threshold = bundle.thresholds.get(reason.threshold)
  if (!threshold) {
    throw new Refusal(
      'THRESHOLD_UNKNOWN',
      `${quoted(reason.threshold)} is no threshold; choose one of ${listed(bundle.thresholds)}`,
    )
  }
  if (!purpose.thresholds.includes(threshold.code)) {
    throw new Refusal(
      'THRESHOLD_DOES_NOT_SUPPORT_PURPOSE',
      `the purpose \`${purpose.code}\` needs the threshold ${purpose.thresholds.join(' or ')}, not \`${threshold.code}\``,
    )
  }
  const asserted = basisKinds.map((kind) => {
    const code = reason.lawfulBasis[kind]
    const basis = bundle.lawfulBases.get(code)
    if (!basis) {
      throw new Refusal(
        'LAWFUL_BASIS_UNKNOWN',
        `${quoted(code)} is no lawful basis of policies/lawful-bases.yaml; a ${named[kind]} is needed`,
      )
    }
    checkBasis(basis, kind, reason)
    return basis.code
  })
  const fn = reason.lawfulBasis.function
  if (!purpose.functions.includes(fn) || !threshold.functions.includes(fn)) {
    const able = purpose.functions.filter((code) => threshold.functions.includes(code))
    throw new Refusal(
      'LAWFUL_BASIS_NOT_FOR_PURPOSE',
      `\`${fn}\` does not support the purpose \`${purpose.code}\` at the threshold \`${threshold.code}\`; ${able.join(' or ')} may`,
    )
  }
  return asserted
}

function checkBasis(basis: Basis, kind: BasisKind, { on, organisationKind }: DeclaredReason): void {
  if (basis.kind !== kind) {
    throw new Refusal(
      'LAWFUL_BASIS_WRONG_KIND',
      `\`${basis.code}\` is a ${named[basis.kind]}, and was given as the ${named[kind]}`,
    )
  }
  const { inForce } = basis
  const today = ukDayOf(on)
  if (inForce === 'awaiting-commencement') {
    throw new Refusal(
      'LAWFUL_BASIS_NOT_YET_IN_FORCE',
      `\`${basis.code}\` (${basis.citation}) is not in force: its commencement is awaited`,
    )
  }
  if (inForce !== 'long-standing' && today < inForce.from) {
    throw new Refusal(
      'LAWFUL_BASIS_NOT_YET_IN_FORCE',
      `\`${basis.code}\` (${basis.citation}) is in force from ${inForce.from}; today is ${today}`,
    )
  }
  if (inForce !== 'long-standing' && inForce.to !== undefined && today > inForce.to) {
    throw new Refusal(
      'LAWFUL_BASIS_ENDED',
      `\`${basis.code}\` (${basis.citation}) was in force until ${inForce.to}; today is ${today}`,
    )
  }
  const known = organisationKinds.some((kind) => kind === organisationKind)
  if (basis.closedTo.length > 0 && (!known || basis.closedTo.some((closed) => closed === organisationKind))) {
    throw new Refusal(
      'LAWFUL_BASIS_NOT_FOR_ORGANISATION',
      `\`${basis.code}\` (${basis.citation}) is not open to an organisation of your kind; see policies/lawful-bases.yaml`,
    )
  }
}

const listed = (codes: ReadonlyMap<string, unknown>): string => [...codes.keys()].join(', ')

/** What was typed is said back only where it looks like a code: it might be a child's name or number. */
const quoted = (text: string): string =>
  /^[A-Za-z][A-Za-z0-9-]{0,31}$/.test(text) && !/\d{4}/.test(text) ? `\`${text}\`` : 'what was given'
