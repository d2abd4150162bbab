/** Why a practitioner asks: purpose, lawful basis, threshold and case. Checked before any custodian is asked. */

/** How far the concern has come. Data is scoped by it: R (AB & CD) v Haringey [2013] EWHC 416 (Admin). */
export const thresholds = {
  EARLY_HELP: 'early-help',
  S17: 's17',
  S47: 's47',
} as const
export type ThresholdName = keyof typeof thresholds
export type Threshold = (typeof thresholds)[keyof typeof thresholds]

export interface LawfulBasis {
  /** one condition of UK GDPR Article 6, such as `GDPR-6-1-e` */
  readonly article6: string
  /** one condition of Article 9 or 10, such as `GDPR-9-2-g` */
  readonly condition: string
  /** the function relied on, such as `CA89-47` */
  readonly function: string
}

export interface AccessReason {
  readonly purpose: string
  readonly lawfulBasis: LawfulBasis
  readonly threshold: Threshold
  /** null in an emergency alone */
  readonly caseReference: string | null
  /** the family's agreement to checks is recorded in the case; matters below section 47 */
  readonly consentRecorded: boolean
  /** emergency access to one child, without a case: why life is at risk, in the practitioner's words */
  readonly breakGlass: { readonly reason: string } | null
}
