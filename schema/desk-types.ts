/** The object types of the desk: what waits, and what was decided. Every field says what it tells. */
import type { Builder } from './builder.ts'
import type {
  Decision,
  DecisionNotToShare,
  DeskPerson,
  DetrimentTest,
  EmergencyToReview,
  WaitingReview,
} from './desk.ts'

type Shared = ReturnType<typeof deskTypes>

export function deskTypes(builder: Builder) {
  const Person = builder.objectRef<DeskPerson>('DeskPerson').implement({
    description: 'Somebody of the register.',
    fields: (t) => ({
      name: t.exposeString('name', { description: 'Name, as the register has it' }),
      role: t.exposeString('role', { description: 'Role, as policies name it' }),
      agency: t.exposeString('agency', { description: 'Agency that employs her' }),
    }),
  })
  const Decision = builder.enumType('ReviewDecision', {
    description: "What an agency's own person decides.",
    values: {
      SHARE: { description: 'Shared in this case, as far as the policies release it' },
      DO_NOT_SHARE: { description: 'Not shared' },
    } satisfies Record<Decision, object>,
  })
  return { Person, Decision }
}

export function waitingReview(builder: Builder, { Person }: Shared) {
  const LawfulBasis = builder.objectRef<WaitingReview['lawfulBasis']>('LawfulBasisGiven').implement({
    description: 'Codes of policies/lawful-bases.yaml on which the practitioner relies.',
    fields: (t) => ({
      article6: t.exposeString('article6', { description: 'UK GDPR Article 6' }),
      condition: t.exposeString('condition', { description: 'Article 9 or 10' }),
      function: t.exposeString('function', { description: 'The function relied on' }),
    }),
  })
  return builder.objectRef<WaitingReview>('WaitingReview').implement({
    description: "What an agency's own person is asked to decide, for one child in one case.",
    fields: (t) => ({
      id: t.exposeID('id', { description: 'Quote it in the decision' }),
      custodian: t.exposeID('custodian', { description: 'System of the agency that holds the records' }),
      kinds: t.exposeStringList('kinds', { description: 'Kinds of record that were asked for' }),
      purpose: t.exposeString('purpose', { description: 'Code of policies/purposes.yaml' }),
      threshold: t.exposeString('threshold', { description: 'Code of policies/thresholds.yaml' }),
      lawfulBasis: t.field({
        type: LawfulBasis,
        description: 'What the practitioner relies on',
        resolve: ({ lawfulBasis }) => lawfulBasis,
      }),
      askedBy: t.field({ type: Person, description: 'Who asked', resolve: ({ askedBy }) => askedBy }),
      askedAt: t.expose('askedAt', { type: 'DateTime', description: 'When it was asked first' }),
      due: t.expose('due', { type: 'DateTime', description: 'When the decision is due' }),
      overdue: t.exposeBoolean('overdue', { description: 'It was due before now' }),
      nhsNumber: t.exposeString('nhsNumber', {
        nullable: true,
        description:
          'The child. Empty where a decision was tried and could not be recorded: the number is wiped first',
      }),
    }),
  })
}

export function notShared(builder: Builder, { Person }: Shared) {
  const Test = builder.objectRef<DetrimentTest>('DetrimentTest').implement({
    description: 'The test of Children Act 2004 s.16LA.',
    fields: (t) => ({
      moreDetrimental: t.exposeBoolean('moreDetrimental', {
        description: 'To share would be more detrimental to the child than not to share',
      }),
      recordedIn: t.exposeString('recordedIn', {
        description: 'Reference under which the agency keeps its reasoning',
      }),
    }),
  })
  return builder.objectRef<DecisionNotToShare>('DecisionNotToShare').implement({
    description: "A decision of an agency's own person not to share. It names no child.",
    fields: (t) => ({
      id: t.exposeID('id', { description: 'Of the review; a decision that was changed stands here twice' }),
      custodian: t.exposeID('custodian', { description: 'System of the agency that holds the records' }),
      agency: t.exposeString('agency', { description: 'Agency that holds the records' }),
      kinds: t.exposeStringList('kinds', { description: 'Kinds of record that are not shared' }),
      decidedBy: t.field({ type: Person, description: 'Who decided', resolve: (each) => each.decidedBy }),
      decidedAt: t.expose('decidedAt', { type: 'DateTime', description: 'When it was decided' }),
      validUntil: t.expose('validUntil', {
        type: 'DateTime',
        description: 'After it the next question asks anew',
      }),
      reasonClass: t.exposeString('reasonClass', { description: 'Code of policies/review-reasons.yaml' }),
      words: t.exposeString('words', { description: 'The reason class in words' }),
      detriment: t.field({
        type: Test,
        description: 'How the test came out',
        resolve: (each) => each.detriment,
      }),
      acknowledged: t.exposeBoolean('acknowledged', {
        description: 'The practitioner may read that something is withheld',
      }),
    }),
  })
}

export function emergency(builder: Builder, { Person }: Shared) {
  return builder.objectRef<EmergencyToReview>('EmergencyToReview').implement({
    description:
      'An emergency access that an IG lead has to review. Which child it was stands in the ledger.',
    fields: (t) => ({
      eventId: t.exposeID('eventId', { description: 'The access that opened it' }),
      openedAt: t.expose('openedAt', { type: 'DateTime', description: 'When it was opened' }),
      expires: t.expose('expires', { type: 'DateTime', description: 'When it ends by itself' }),
      due: t.expose('due', { type: 'DateTime', description: 'When the review is due' }),
      overdue: t.exposeBoolean('overdue', { description: 'It was due before now' }),
      by: t.field({ type: Person, description: 'Who opened it', resolve: ({ by }) => by }),
      reason: t.exposeString('reason', { description: 'Why, in her own words' }),
    }),
  })
}
