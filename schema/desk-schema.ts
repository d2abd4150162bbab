/**
 * The subschema of the desk, where agency reviewers and IG leads work. It alone has mutations: what they decide is
 * written at the desk, and no mutation reaches an agency.
 */
import type { GraphQLSchema } from 'graphql'
import { newBuilder } from './builder.ts'
import type { ClosedEmergency, DecidedReview, DeskAnswers, DeskField, Finding } from './desk.ts'
import { deskTypes, emergency, notShared, waitingReview } from './desk-types.ts'
import { explanationType } from './explanation-types.ts'
import { accessTypes } from './read-access-types.ts'

/** @throws a fault where the desk was not asked for it: an empty list would read like nothing waiting */
function given<Field extends DeskField>(desk: Partial<DeskAnswers>, field: Field): DeskAnswers[Field] {
  const answer = desk[field]
  if (answer === undefined) throw new Error(`the desk was not asked for ${field}`)
  return answer
}

export function deskSchema(): GraphQLSchema {
  const builder = newBuilder()
  const shared = deskTypes(builder)
  const Review = waitingReview(builder, shared)
  const NotShared = notShared(builder, shared)
  const Emergency = emergency(builder, shared)
  const Explanation = explanationType(builder)
  const Read = accessTypes(builder)

  builder.queryType({
    fields: (t) => ({
      reviews: t.field({
        type: [Review],
        description:
          'For an agency reviewer: what waits for a decision of her agency, what is due first first',
        resolve: (_root, _args, { desk }) => [...given(desk, 'reviews')],
      }),
      decisionsNotToShare: t.field({
        type: [NotShared],
        description:
          'For an IG lead, and for a reviewer those of her own agency: the last 500, newest first. They name no child',
        resolve: (_root, _args, { desk }) => [...given(desk, 'decisionsNotToShare')],
      }),
      emergencyReviews: t.field({
        type: [Emergency],
        description: 'For an IG lead: every emergency access that is to be reviewed, what is due first first',
        resolve: (_root, _args, { desk }) => [...given(desk, 'emergencyReviews')],
      }),
      explanation: t.field({
        type: Explanation,
        nullable: true,
        description:
          'For an IG lead: why the decision of an access came out as it did. Empty where there is no such access, or nothing was decided',
        args: { eventId: t.arg.id({ required: true, description: 'Receipt of the access' }) },
        resolve: (_root, _args, { desk }) => given(desk, 'explanation'),
      }),
      accesses: t.field({
        type: Read.Page,
        description:
          'For an IG lead: who asked about whom, when, why, on what basis, and what was decided. To read it is an access of its own, and is on record',
        args: {
          filter: t.arg({ type: Read.Filter, description: 'Which; all where left out' }),
          first: t.arg.int({ required: true, defaultValue: 50, description: 'How many at most, up to 100' }),
          after: t.arg.string({ description: 'Where the page before ended' }),
        },
        resolve: (_root, _args, { desk }) => given(desk, 'accesses'),
      }),
    }),
  })
  const Detriment = builder.inputType('DetrimentTestInput', {
    description: 'The test of Children Act 2004 s.16LA. The reasoning itself stays with the agency.',
    fields: (t) => ({
      moreDetrimental: t.boolean({
        required: true,
        description: 'To share would be more detrimental to the child than not to share',
      }),
      recordedIn: t.string({
        required: true,
        description: 'Reference under which the agency keeps its reasoning, such as `HB-2026/0142`',
      }),
    }),
  })
  const Decided = builder.objectRef<DecidedReview>('DecidedReview').implement({
    description: 'A decision as it was written. It takes effect with the next question.',
    fields: (t) => ({
      id: t.exposeID('id', { description: 'Of the review' }),
      decision: t.field({
        type: shared.Decision,
        resolve: ({ decision }) => decision,
        description: 'What was decided',
      }),
      decidedAt: t.expose('decidedAt', { type: 'DateTime', description: 'When it was decided' }),
      validUntil: t.expose('validUntil', {
        type: 'DateTime',
        description: 'After it the next question asks anew',
      }),
    }),
  })
  const FindingType = builder.enumType('EmergencyFinding', {
    description: 'What the review of an emergency access found.',
    values: {
      JUSTIFIED: { description: 'It was right to open it' },
      NOT_JUSTIFIED: { description: 'It was not' },
      REFERRED: { description: "Handed on, to the agency's manager or to the police" },
    } satisfies Record<Finding, object>,
  })
  const Closed = builder.objectRef<ClosedEmergency>('ClosedEmergencyReview').implement({
    description: 'The review of an emergency access, closed.',
    fields: (t) => ({
      eventId: t.exposeID('eventId', { description: 'The access that opened the emergency' }),
      finding: t.field({
        type: FindingType,
        resolve: ({ finding }) => finding,
        description: 'What was found',
      }),
    }),
  })
  builder.mutationType({
    description: 'What is decided at the desk. Nothing is ever written at an agency.',
    fields: (t) => ({
      decideReview: t.field({
        type: Decided,
        description:
          'For an agency reviewer: decides, or changes what was decided; what was decided before is kept',
        args: {
          id: t.arg.id({ required: true, description: 'Of the review' }),
          decision: t.arg({
            type: shared.Decision,
            required: true,
            description: 'Whether it is shared in this case',
          }),
          reasonClass: t.arg.string({
            description: 'Code of policies/review-reasons.yaml; needed where it is not shared',
          }),
          detriment: t.arg({ type: Detriment, description: 'Needed where it is not shared' }),
          acknowledge: t.arg.boolean({
            description:
              'Needed where it is not shared. True: the practitioner reads that something is withheld, and why. False: it reads like nothing held',
          }),
        },
        resolve: (_root, _args, { desk }) => given(desk, 'decideReview'),
      }),
      closeEmergencyReview: t.field({
        type: Closed,
        description: 'For an IG lead: closes the review of an emergency access; its reason is wiped',
        args: {
          eventId: t.arg.id({ required: true, description: 'The access that opened the emergency' }),
          finding: t.arg({ type: FindingType, required: true, description: 'What the review found' }),
        },
        resolve: (_root, _args, { desk }) => given(desk, 'closeEmergencyReview'),
      }),
    }),
  })
  return builder.toSchema()
}
