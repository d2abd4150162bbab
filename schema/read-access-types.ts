/** The object types of accesses as an IG lead reads them. Every field says what it tells. */
import type { LawfulBasis } from './access-reason.ts'
import type { Builder } from './builder.ts'
import type {
  AccessDecision,
  AccessPage,
  ReadAccess,
  ReadPerson,
  ReadSource,
  ReadStep,
  ReadTie,
  ReadWithheld,
} from './read-access.ts'

export function accessTypes(builder: Builder) {
  const Decision = builder.enumType('AccessDecision', {
    description: 'What an access came to.',
    values: {
      RELEASED: { description: 'An answer was released; what it showed stands beside each custodian' },
      DENIED: { description: 'Refused, with the code of its refusal' },
      FAILED: { description: 'A fault of Sightline; nothing was shown' },
      ERASURE: { description: 'No access: records were erased from the log' },
      NO_OUTCOME: { description: 'Begun, and no outcome is on record: count it as shown' },
    } satisfies Record<AccessDecision, object>,
  })
  const Tie = builder.enumType('AccessTie', {
    description: 'How whoever asked is tied to the child in her own life.',
    values: {
      SELF: { description: 'She is the child' },
      RELATIVE: { description: 'She is a relative' },
      COLLEAGUE: { description: 'She works at the agency of somebody who is either' },
    } satisfies Record<ReadTie, object>,
  })
  const Person = builder.objectRef<ReadPerson>('AccessPerson').implement({
    description: 'Who asked.',
    fields: (t) => ({
      subject: t.exposeID('subject', { description: 'As the identity provider names her' }),
      name: t.exposeString('name', { nullable: true, description: 'Name, where the register has it' }),
      role: t.exposeString('role', { nullable: true, description: 'Role at the time, as policies name it' }),
      agency: t.exposeString('agency', { nullable: true, description: 'Agency at the time' }),
    }),
  })
  const Basis = builder.objectRef<LawfulBasis>('AccessLawfulBasis').implement({
    description: 'Codes of policies/lawful-bases.yaml on which the access relied.',
    fields: (t) => ({
      article6: t.exposeString('article6', { description: 'UK GDPR Article 6' }),
      condition: t.exposeString('condition', { description: 'Article 9 or 10' }),
      function: t.exposeString('function', { description: 'The function relied on' }),
    }),
  })
  const Source = builder.objectRef<ReadSource>('AccessSource').implement({
    description: 'One custodian, and what it came to.',
    fields: (t) => ({
      custodian: t.exposeID('custodian', { description: 'System of the agency' }),
      agency: t.exposeString('agency', { description: 'Agency whose system it is' }),
      state: t.exposeString('state', { description: 'Its answer state' }),
      recordTypes: t.exposeStringList('recordTypes', { description: 'Kinds of record asked for' }),
      n: t.exposeInt('n', { description: 'Records shown' }),
    }),
  })
  const Withheld = builder.objectRef<ReadWithheld>('AccessWithheld').implement({
    description: 'What was withheld and may be known.',
    fields: (t) => ({
      rule: t.exposeString('rule', { description: 'Policy that withheld it, as id@hash' }),
      reason: t.exposeString('reason', { description: 'Code of policies/reasons.yaml' }),
      n: t.exposeInt('n', { description: 'Records' }),
    }),
  })
  const Step = builder.objectRef<ReadStep>('AccessStep').implement({
    description: 'A further event of the same access.',
    fields: (t) => ({
      type: t.exposeString('type', { description: 'Type of the event' }),
      at: t.expose('at', { type: 'DateTime', description: 'When it was' }),
      ended: t.exposeString('ended', {
        nullable: true,
        description: 'How the answer ended for whoever asked: `whole`, or `cut-off` on the way',
      }),
    }),
  })
  const Access = builder.objectRef<ReadAccess>('Access').implement({
    description: 'One access, as its record has it.',
    fields: (t) => ({
      eventId: t.exposeID('eventId', { description: 'Receipt of the access' }),
      type: t.exposeString('type', { description: 'Type of the event' }),
      at: t.expose('at', { type: 'DateTime', description: 'When it was' }),
      decision: t.field({ type: Decision, description: 'What it came to', resolve: (each) => each.decision }),
      refusal: t.exposeString('refusal', {
        nullable: true,
        description: 'Code, where it was refused or failed',
      }),
      child: t.exposeString('child', {
        nullable: true,
        description: 'Pseudonym of the child, where it was about one',
      }),
      children: t.exposeInt('children', { description: 'How many children it was about' }),
      by: t.field({
        type: Person,
        nullable: true,
        description: 'Who asked; empty where nobody was known',
        resolve: ({ by }) => by,
      }),
      purpose: t.exposeString('purpose', { nullable: true, description: 'Code of policies/purposes.yaml' }),
      caseKey: t.exposeString('caseKey', {
        nullable: true,
        description: 'The same for the same case; the case reference cannot be read from it',
      }),
      threshold: t.exposeString('threshold', {
        nullable: true,
        description: 'Code of policies/thresholds.yaml',
      }),
      emergency: t.exposeBoolean('emergency', { description: 'It was an emergency access' }),
      lawfulBasis: t.field({
        type: Basis,
        nullable: true,
        description: 'What it relied on',
        resolve: ({ lawfulBasis }) => lawfulBasis,
      }),
      agreements: t.exposeStringList('agreements', { description: 'Agreements under which it was asked' }),
      operation: t.exposeString('operation', {
        nullable: true,
        description: "What was done, in the product's own word",
      }),
      bundle: t.exposeString('bundle', {
        nullable: true,
        description: 'Version of the policies that decided',
      }),
      asked: t.field({
        type: [Source],
        description: 'Every custodian, with what it came to; kinds of record only where it was asked',
        resolve: ({ asked }) => [...asked],
      }),
      released: t.exposeStringList('released', { description: 'Fields that were shown, never their values' }),
      withheld: t.field({
        type: [Withheld],
        description: 'What was withheld; what is never disclosed is left out, as if it had not been there',
        resolve: ({ withheld }) => [...withheld],
      }),
      steps: t.field({
        type: [Step],
        description: 'Further events of the same access',
        resolve: ({ steps }) => [...steps],
      }),
      tie: t.field({
        type: Tie,
        nullable: true,
        description: 'Her tie to the child at the time, as the register knows it now',
        resolve: ({ tie }) => tie,
      }),
      relationshipLive: t.exposeBoolean('relationshipLive', {
        nullable: true,
        description:
          'The register knows a case relationship of hers to the child that was live at the time. Empty where that cannot be known',
      }),
    }),
  })
  const Page = builder.objectRef<AccessPage>('AccessPage').implement({
    description: 'A page of accesses, the newest first.',
    fields: (t) => ({
      accesses: t.field({
        type: [Access],
        description:
          'Accesses; those about herself or a relative are for somebody else to audit, and left out',
        resolve: ({ accesses }) => [...accesses],
      }),
      next: t.exposeString('next', {
        nullable: true,
        description: 'Give it as `after` for the next page; empty on the last',
      }),
      notRead: t.exposeInt('notRead', {
        description: 'Events of the ledger that no list shows yet, as they have not come by Kafka',
      }),
      keptFrom: t.expose('keptFrom', {
        type: 'Date',
        nullable: true,
        description: 'Accesses from before this day are not kept, and on no list; empty where all are kept',
      }),
      childrenErased: t.exposeInt('childrenErased', {
        description: 'Children of whom all was erased from the log; whether it belonged here nobody can tell',
      }),
      unknown: t.stringList({
        description: 'Words of the filter that are not known today, by their names: see how they are written',
        resolve: ({ unknown }) => [...unknown],
      }),
      ofAgency: t.exposeString('ofAgency', {
        nullable: true,
        description: 'The agency that these accesses concern; empty where they are the whole partnership’s',
      }),
    }),
  })
  const Filter = builder.inputType('AccessFilter', {
    description: 'Which accesses. What is left out does not narrow.',
    fields: (t) => ({
      child: t.string({ description: 'Pseudonym of a child' }),
      nhsNumber: t.string({
        description: 'Or her NHS number, which is turned into the pseudonym and not kept',
      }),
      practitioner: t.id({
        description: 'Who asked: as the identity provider names her, or her name in the register',
      }),
      agency: t.string({ description: 'Its people asked, or its systems were asked' }),
      custodian: t.id({ description: 'It was asked, and showed at least one record' }),
      recordId: t.string({
        description: "With `custodian` and `recordType`: it showed this record, by the custodian's own id",
      }),
      recordType: t.string({ description: 'Kind of that record, as policies name it' }),
      basis: t.string({ description: 'Code of policies/lawful-bases.yaml, of any kind' }),
      purpose: t.string({ description: 'Code of policies/purposes.yaml' }),
      agreement: t.string({ description: 'Id of an agreement' }),
      decision: t.field({ type: Decision, description: 'What it came to' }),
      from: t.field({ type: 'Date', description: 'First day, in UK time' }),
      until: t.field({ type: 'Date', description: 'Last day, in UK time' }),
    }),
  })
  return { Page, Filter }
}
