/** Why a recorded decision came out as it did, as an IG lead reads it. Holds classes of record, never a record. */
/** The permit that came nearest where none permitted. */
export interface NearestPermit {
  /** `id@hash` */
  readonly policy: string
  readonly title: string
  /** its conditions that were not met, in the policy's own text */
  readonly unmet: readonly string[]
}

export interface ExplainedStep {
  readonly action: string
  readonly allowed: boolean
  readonly policies: readonly string[]
  readonly reason: string | null
  readonly nearest: NearestPermit | null
}

export interface ExplainedClass {
  readonly custodian: string
  readonly recordType: string
  readonly about: string
  readonly n: number
  readonly steps: readonly ExplainedStep[]
}

/** A kind of record that was not asked for. */
export interface ExplainedKind {
  readonly custodian: string
  readonly recordType: string
  readonly reason: string
  readonly policies: readonly string[]
  readonly nearest: NearestPermit | null
}

export interface Explanation {
  readonly bundle: string
  readonly classes: readonly ExplainedClass[]
  readonly notAsked: readonly ExplainedKind[]
}
