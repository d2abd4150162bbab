/** The spine that the gateway itself holds, so that no agency's absence costs another's answer. */
import type { GraphQLSchema } from 'graphql'
import type { ThresholdName } from './access-reason.ts'
import { newBuilder, sharedTypes } from './builder.ts'
import {
  type ChronologyRow,
  chronologyPage,
  chronologyRows,
  nobodySearched,
  type UnsearchedPeriod,
  undatedRecords,
  unsearchedPeriods,
} from './chronology.ts'
import { type Picture, policiesOf, type ShownRecord } from './picture.ts'
import { whereaboutsUnchecked } from './whereabouts.ts'

/** Rows of a page of the chronology, at most. */
const PAGE_LIMIT = 200

interface ChronologyView {
  readonly picture: Picture
  readonly page: ReturnType<typeof chronologyPage>
}

export function spineSchema(): GraphQLSchema {
  const builder = newBuilder()
  const shared = sharedTypes(builder)

  const Threshold = builder.enumType('Threshold', {
    description: 'How far the concern has come; data is scoped by it',
    values: {
      EARLY_HELP: { description: 'Family help before section 17' },
      S17: { description: 'Child in need, Children Act 1989 s.17' },
      S47: { description: 'Reasonable cause to suspect significant harm, s.47' },
    } satisfies Record<ThresholdName, object>,
  })
  const LawfulBasis = builder.inputType('LawfulBasisInput', {
    description: 'Codes of policies/lawful-bases.yaml; each must be in force today.',
    fields: (t) => ({
      article6: t.string({ required: true, description: 'UK GDPR Article 6, such as `GDPR-6-1-e`' }),
      condition: t.string({ required: true, description: 'Article 9 or 10, such as `GDPR-9-2-g`' }),
      function: t.string({ required: true, description: 'The function relied on, such as `CA89-47`' }),
    }),
  })
  const BreakGlass = builder.inputType('BreakGlass', {
    description:
      'Emergency access to one child for sixty minutes, for who holds that right. Your IG lead is told at once and reviews it. State the child’s date of birth and names as well.',
    fields: (t) => ({
      reason: t.string({
        required: true,
        description: 'Why life is at risk, in 20 characters or more; do not name the child',
      }),
    }),
  })
  const AccessReason = builder.inputType('AccessReason', {
    description: 'Why you ask. Checked before any custodian is asked, and recorded.',
    fields: (t) => ({
      purpose: t.string({ required: true, description: 'Code of policies/purposes.yaml' }),
      lawfulBasis: t.field({ type: LawfulBasis, required: true }),
      threshold: t.field({ type: Threshold, required: true }),
      caseReference: t.string({
        description: 'The case in which you are involved; needed, except in an emergency',
      }),
      consentRecorded: t.boolean({
        required: true,
        defaultValue: false,
        description: "The family's agreement is recorded",
      }),
      breakGlass: t.field({ type: BreakGlass }),
    }),
  })
  const Unsearched = builder.objectRef<UnsearchedPeriod>('UnsearchedPeriod').implement({
    description: 'A period that a custodian did not search, or a custodian that was not searched.',
    fields: (t) => ({
      custodian: t.exposeID('custodian'),
      custodianName: t.exposeString('custodianName'),
      sector: t.exposeString('sector'),
      from: t.expose('from', { type: 'Date', nullable: true }),
      until: t.expose('until', { type: 'Date', nullable: true }),
      why: t.exposeString('why'),
    }),
  })
  const Row = builder.objectRef<ChronologyRow>('ChronologyRow').implement({
    fields: (t) => ({
      eventTime: t.expose('eventTime', { type: 'DateTime' }),
      title: t.exposeString('title', { description: 'Kind of record' }),
      summary: t.exposeString('summary', { nullable: true }),
      recordId: t.id({ resolve: (row) => row.record.id }),
      recordType: t.string({ resolve: (row) => row.record.type }),
      custodian: t.id({ resolve: (row) => row.record.custodian }),
      custodianName: t.string({ resolve: (row) => row.record.custodianName }),
      sector: t.string({ resolve: (row) => row.record.sector }),
      assertion: t.string({ resolve: (row) => row.record.assertion }),
      handling: t.stringList({ resolve: (row) => [...row.record.handling] }),
    }),
  })
  const Undated = builder.objectRef<ShownRecord>('UndatedRecord').implement({
    description: 'A record without a time.',
    fields: (t) => ({
      recordId: t.exposeID('id'),
      recordType: t.exposeString('type'),
      custodianName: t.exposeString('custodianName'),
    }),
  })
  const Chronology = builder.objectRef<ChronologyView>('Chronology').implement({
    description: 'All that is shown, newest first. Read `unsearched` beside it.',
    fields: (t) => ({
      rows: t.field({ type: [Row], resolve: ({ page }) => [...page.rows] }),
      endCursor: t.string({ nullable: true, resolve: ({ page }) => page.endCursor }),
      hasNextPage: t.boolean({ resolve: ({ page }) => page.hasNextPage }),
      unsearched: t.field({
        type: [Unsearched],
        description: 'Who was not searched, or for which period',
        resolve: ({ picture }) => unsearchedPeriods(picture.answers),
      }),
      undated: t.field({
        type: [Undated],
        description: 'Records that are shown and have no time; they stand in no row',
        resolve: ({ picture }) => undatedRecords(picture),
      }),
      nobodySearched: t.field({
        type: [shared.Period],
        description: 'Periods that no custodian at all searched; open ends are empty',
        resolve: ({ picture }) => nobodySearched(picture.answers),
      }),
    }),
  })
  const Child = builder.objectRef<Picture>('Child').implement({
    description: 'One child, as the partners may show her to this practitioner for this reason.',
    fields: (t) => ({
      id: t.exposeID('eventId', { description: 'Receipt of this access; quote it when you ask about it' }),
      askedAt: t.expose('askedAt', { type: 'DateTime' }),
      policyBundle: t.exposeString('bundle', { description: 'Version of the policies that decided' }),
      policies: t.stringList({
        description: 'Every policy that decided what this answer shows or tells, as id@hash',
        resolve: (picture) => policiesOf(picture),
      }),
      custodians: t.field({
        type: [shared.Answer],
        description: 'One answer per custodian of the partnership. Read it first.',
        resolve: (picture) => [...picture.answers],
      }),
      whereaboutsUnchecked: t.field({
        type: [shared.Answer],
        description:
          'Custodians that could not say whether the child’s whereabouts are confidential. While any stands here, ring them before you use or pass on an address or a telephone number that is shown.',
        resolve: (picture) => whereaboutsUnchecked(picture.answers),
      }),
      chronology: t.field({
        type: Chronology,
        args: {
          first: t.arg.int({ defaultValue: 50, description: `Rows, 1 to ${PAGE_LIMIT}` }),
          after: t.arg.string({ description: 'endCursor of the page before' }),
          from: t.arg({ type: 'Date' }),
          until: t.arg({ type: 'Date' }),
        },
        resolve: (picture, { first, after, from, until }) => ({
          picture,
          page: chronologyPage(
            chronologyRows(picture, { from, until }),
            Math.min(Math.max(first ?? 50, 1), PAGE_LIMIT),
            after ?? null,
          ),
        }),
      }),
    }),
  })
  builder.queryType({
    fields: (t) => ({
      child: t.field({
        type: Child,
        nullable: true,
        description: 'The multi-agency picture of one child. One child per question.',
        args: {
          nhsNumber: t.arg.string({ required: true, description: 'Ten digits; the check digit is tested' }),
          reason: t.arg({ type: AccessReason, required: true }),
          dateOfBirth: t.arg({
            type: 'Date',
            description: 'Narrows: a custodian that holds another shows nothing',
          }),
          givenName: t.arg.string({ description: 'Narrows: a custodian that holds another shows nothing' }),
          familyName: t.arg.string({ description: 'Narrows: a custodian that holds another shows nothing' }),
        },
        resolve: (_root, _args, { picture }) => picture,
      }),
    }),
  })
  return builder.toSchema()
}
