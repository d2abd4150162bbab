/** A policy bundle: everything that decides what may be shown, read together and never changed once loaded. */
import type { LogReaders } from '../../reader/log-readers.ts'
import type { SignalRules } from '../../reports/signal-rules.ts'
import type { SubjectAccessRule } from '../../reports/subject-access-rules.ts'
import type { Agreement } from './agreement.ts'
import type { Taken } from './attributes.ts'
import type { Basis, Purpose, Reason, Threshold } from './catalogue.ts'
import type { CompiledPolicy } from './compile.ts'
import type { Alarm, Decision, PoliciesByAction, PolicyRequest } from './decide.ts'
import type { PolicySchema } from './policy-schema.ts'

/** To whom the reason of a forbid may be told: who asks, the information governance lead, or nobody. */
export const disclosures = ['subject', 'ig', 'never'] as const
export type Disclosure = (typeof disclosures)[number]

/** One policy as its file holds it, with what its annotations say. */
export interface Policy {
  readonly id: string
  readonly title: string
  /** path within the bundle's folder */
  readonly file: string
  readonly text: string
  /** first 8 hexadecimal digits of the SHA-256 of its meaning and annotations, whatever its layout */
  readonly hash8: string
  /** null for a permit */
  readonly reason: string | null
  readonly disclose: Disclosure | null
  /** a forbid that the agency's own person may lift for one case */
  readonly review: boolean
  readonly compiled: CompiledPolicy
}

export interface PolicyBundle {
  /** `sha256:` over every file of the bundle */
  readonly version: string
  readonly schema: PolicySchema
  readonly schemaText: string
  readonly policies: ReadonlyMap<string, Policy>
  readonly byAction: PoliciesByAction
  readonly agreements: readonly Agreement[]
  /** its agreements in the form in which policies see them, once met */
  readonly taken: Taken
  readonly lawfulBases: ReadonlyMap<string, Basis>
  readonly purposes: ReadonlyMap<string, Purpose>
  readonly thresholds: ReadonlyMap<string, Threshold>
  readonly reasons: ReadonlyMap<string, Reason>
  /** agencies whose IG leads read every access */
  readonly logReaders: LogReaders
  /** null where the partners have no such list, as bundles of before */
  readonly signals: SignalRules | null
  readonly subjectAccess: readonly SubjectAccessRule[] | null
  readonly alarm: Alarm
  decide(request: PolicyRequest): Decision
}
