/** The Pothos builder and the types that every subschema shares. */
import SchemaBuilder from '@pothos/core'
import { GraphQLError } from 'graphql'
import { answerStates } from './answer-state.ts'
import type { CodedValue } from './code-set.ts'
import type { DeskAnswers } from './desk.ts'
import type {
  ContactToRing,
  CustodianAnswer,
  MaskedField,
  NotAskedFor,
  Period,
  Picture,
  Reason,
  ShownRecord,
} from './picture.ts'
import { assertions, subjectCategories } from './record.ts'

/** What a resolver may look at: the decided picture, or what the desk gave. No database, no network, no clock. */
export interface PictureContext {
  readonly picture: Picture
  readonly desk: Partial<DeskAnswers>
}

/** The child of a subschema; stitch joins them by the receipt of the question. */
export interface ChildKey {
  readonly id: string
}

interface SightlineTypes {
  Context: PictureContext
  Scalars: {
    Date: { Input: string; Output: string }
    DateTime: { Input: string; Output: string }
  }
  DefaultFieldNullability: false
}

const ISO_DATE = /^\d{4}-\d{2}-\d{2}$/

const isoDate = (value: unknown): string => {
  // the round trip refuses days that no calendar has, such as 31 February
  const day = typeof value === 'string' && ISO_DATE.test(value) ? new Date(`${value}T00:00:00Z`) : null
  if (day !== null && !Number.isNaN(day.getTime()) && day.toISOString().startsWith(String(value)))
    return String(value)
  throw new GraphQLError('a date has the form `2026-03-14`', { extensions: { code: 'DATE_INVALID' } })
}

export function newBuilder() {
  const builder = new SchemaBuilder<SightlineTypes>({ defaultFieldNullability: false })
  builder.scalarType('Date', {
    description: 'A calendar date, `2026-03-14`; its year alone, `2026`, where only part may be shown.',
    serialize: (value) => String(value),
    parseValue: isoDate,
  })
  builder.scalarType('DateTime', {
    description: 'A date, or a date with time and zone, as precise as the source gives it.',
    serialize: (value) => String(value),
  })
  return builder
}

export type Builder = ReturnType<typeof newBuilder>

/** The types that appear in more than one subschema; each subschema defines them alike. */
export function sharedTypes(builder: Builder) {
  const AnswerState = builder.enumType('AnswerState', {
    description: "What a custodian's answer amounts to. There is no other.",
    values: Object.fromEntries(
      Object.entries(answerStates).map(([name, words]) => [name, { description: words }]),
    ),
  })
  const Assertion = builder.enumType('Assertion', { values: assertions })
  const SubjectCategory = builder.enumType('SubjectCategory', { values: subjectCategories })

  const ReasonType = builder.objectRef<Reason>('Reason').implement({
    description: 'Why something is not shown.',
    fields: (t) => ({
      code: t.exposeString('code', { description: 'Stable code' }),
      words: t.exposeString('words', { description: 'In words, with what to do next' }),
      policies: t.exposeStringList('policies', { description: 'Policies that decided, as id@hash' }),
    }),
  })
  const PeriodType = builder.objectRef<Period>('Period').implement({
    fields: (t) => ({
      from: t.expose('from', { type: 'Date', nullable: true }),
      until: t.expose('until', { type: 'Date', nullable: true }),
    }),
  })
  const NotAskedForType = builder.objectRef<NotAskedFor>('NotAskedFor').implement({
    description: 'Kinds of record that a custodian was not asked for, and why.',
    fields: (t) => ({
      kinds: t.exposeStringList('kinds'),
      reason: t.field({ type: ReasonType, resolve: (each) => each.reason }),
    }),
  })
  const ContactType = builder.objectRef<ContactToRing>('Contact').implement({
    description: 'Whom to ring at the custodian.',
    fields: (t) => ({
      name: t.exposeString('name'),
      telephone: t.exposeString('telephone'),
      email: t.exposeString('email', { nullable: true }),
      emergencyTelephone: t.exposeString('emergencyTelephone', {
        nullable: true,
        description: 'Out of hours',
      }),
    }),
  })
  const Answer = builder.objectRef<CustodianAnswer>('CustodianAnswer').implement({
    description: 'The one answer that a custodian gave to this question.',
    fields: (t) => ({
      custodian: t.exposeID('custodian'),
      name: t.exposeString('name'),
      agency: t.exposeString('agency'),
      sector: t.exposeString('sector'),
      state: t.field({ type: AnswerState, resolve: (answer) => answer.state }),
      words: t.exposeString('words', { description: 'The state in words' }),
      reason: t.field({ type: ReasonType, nullable: true, resolve: (answer) => answer.reason }),
      alsoWithheld: t.field({
        type: [ReasonType],
        description: 'Reasons for which further records of this custodian are withheld',
        resolve: (answer) => [...answer.alsoWithheld],
      }),
      notAskedFor: t.field({
        type: [NotAskedForType],
        description: 'Kinds of record that it was not asked for and may hold all the same',
        resolve: (answer) => [...answer.notAskedFor],
      }),
      contact: t.field({ type: ContactType, resolve: (answer) => answer.contact }),
      asOf: t.expose('asOf', { type: 'DateTime', nullable: true }),
      fresh: t.exposeBoolean('fresh', { nullable: true, description: 'Its data is as fresh as it promises' }),
      searched: t.field({ type: PeriodType, nullable: true, resolve: (answer) => answer.searched }),
    }),
  })
  const Coded = builder.objectRef<CodedValue>('Coded').implement({
    description: 'A value from a published code set.',
    fields: (t) => ({
      code: t.exposeString('code'),
      meaning: t.exposeString('meaning', {
        nullable: true,
        description: 'Empty where the code is not in the set',
      }),
      codeSet: t.exposeString('codeSet'),
    }),
  })
  const Masked = builder.objectRef<MaskedField>('MaskedField').implement({
    description: 'A field that is held and not shown, or shown in part.',
    fields: (t) => ({
      field: t.exposeString('field'),
      form: t.exposeString('form', { description: 'hidden or partial' }),
      reason: t.field({ type: ReasonType, resolve: (masked) => masked.reason }),
    }),
  })
  const SharedRecord = builder.interfaceRef<ShownRecord>('SharedRecord').implement({
    description: 'What every record carries with it.',
    fields: (t) => ({
      recordId: t.exposeID('id', { description: 'Opaque id of the record' }),
      custodian: t.exposeID('custodian'),
      custodianName: t.exposeString('custodianName'),
      system: t.exposeString('system', { description: 'System of the custodian that holds it' }),
      eventTime: t.expose('eventTime', { type: 'DateTime', nullable: true, description: 'When it happened' }),
      recordedTime: t.expose('recordedTime', {
        type: 'DateTime',
        nullable: true,
        description: 'When it was recorded',
      }),
      assertion: t.field({ type: Assertion, resolve: (record) => record.assertion }),
      about: t.exposeString('about', { description: 'Whom it is about: child, sibling, adult or other' }),
      subjectCategory: t.field({
        type: SubjectCategory,
        nullable: true,
        resolve: (record) => record.subjectCategory,
      }),
      handling: t.exposeStringList('handling', {
        description: 'Handling conditions; they travel with the record',
      }),
      masked: t.field({ type: [Masked], resolve: (record) => [...record.masked] }),
      policies: t.exposeStringList('policies', { description: 'Policies that permitted it, as id@hash' }),
    }),
  })
  return { Answer, Coded, SharedRecord, Period: PeriodType }
}
