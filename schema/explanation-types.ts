/** The object types of an explanation. Every field says what it tells. */
import type { Builder } from './builder.ts'
import type {
  ExplainedClass,
  ExplainedKind,
  ExplainedStep,
  Explanation,
  NearestPermit,
} from './explanation.ts'

const POLICIES = 'Policies that decided, as id@hash; none where nothing permitted it'
const NEAREST = 'Where nothing permitted it: the permit with the fewest conditions unmet'

export function explanationType(builder: Builder) {
  const Nearest = builder.objectRef<NearestPermit>('NearestPermit').implement({
    description: 'The permit that came nearest.',
    fields: (t) => ({
      policy: t.exposeString('policy', { description: 'As id@hash' }),
      title: t.exposeString('title', { description: 'What it does, in a sentence' }),
      unmet: t.exposeStringList('unmet', { description: "Conditions not met, in the policy's own text" }),
    }),
  })
  const Step = builder.objectRef<ExplainedStep>('ExplainedStep').implement({
    description:
      'One step of a decision: whether it may be known, read, told why, or a group of fields shown.',
    fields: (t) => ({
      action: t.exposeString('action', { description: 'Action, as policies name it' }),
      allowed: t.exposeBoolean('allowed', { description: 'It was allowed' }),
      policies: t.exposeStringList('policies', { description: POLICIES }),
      reason: t.exposeString('reason', { nullable: true, description: 'Code of policies/reasons.yaml' }),
      nearest: t.field({
        type: Nearest,
        nullable: true,
        description: NEAREST,
        resolve: ({ nearest }) => nearest,
      }),
    }),
  })
  const Class = builder.objectRef<ExplainedClass>('ExplainedClass').implement({
    description: 'Records that came back and that no policy could tell apart.',
    fields: (t) => ({
      custodian: t.exposeID('custodian', { description: 'Whose records they are' }),
      recordType: t.exposeString('recordType', { description: 'Kind of record, as policies name it' }),
      about: t.exposeString('about', { description: 'Whom they are about: child, sibling, adult or other' }),
      n: t.exposeInt('n', { description: 'How many they were' }),
      steps: t.field({
        type: [Step],
        description: 'In the order of deciding',
        resolve: ({ steps }) => [...steps],
      }),
    }),
  })
  const Kind = builder.objectRef<ExplainedKind>('ExplainedKind').implement({
    description: 'A kind of record that was not asked for.',
    fields: (t) => ({
      custodian: t.exposeID('custodian', { description: 'Who was not asked for it' }),
      recordType: t.exposeString('recordType', { description: 'Kind of record, as policies name it' }),
      reason: t.exposeString('reason', { description: 'Code of policies/reasons.yaml, or UNDER_REVIEW' }),
      policies: t.exposeStringList('policies', { description: POLICIES }),
      nearest: t.field({
        type: Nearest,
        nullable: true,
        description: NEAREST,
        resolve: ({ nearest }) => nearest,
      }),
    }),
  })
  return builder.objectRef<Explanation>('Explanation').implement({
    description: 'Why a recorded decision came out as it did. It names no child and shows no record.',
    fields: (t) => ({
      bundle: t.exposeString('bundle', { description: 'Version of the policies that decided' }),
      classes: t.field({
        type: [Class],
        description: 'What came back; what is never disclosed is left out, as if it had not been there',
        resolve: ({ classes }) => [...classes],
      }),
      notAsked: t.field({
        type: [Kind],
        description: 'What was not asked for, and why',
        resolve: ({ notAsked }) => [...notAsked],
      }),
    }),
  })
}
