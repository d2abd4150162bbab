/** What stands in a custodian's YAML file. Refuses a key that is not described here. */
import { z } from 'zod'
import { sectors } from '../schema/record-type.ts'
import { credentialsSchema } from './credentials.ts'
import { personRule, recordRule } from './mapping.ts'
import { request } from './rest/request.ts'
import { address, secret } from './setting.ts'

const slug = z
  .string()
  .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, { error: 'use lower-case letters, digits and hyphens' })
const line = z.string().trim().min(1).max(200)

const contact = z.strictObject({
  name: line,
  telephone: line,
  email: line.nullable().default(null),
  emergencyTelephone: line.nullable().default(null),
})

const described = {
  id: slug,
  name: line,
  agency: slug,
  sector: z.enum(sectors),
  contact,
}

const connected = {
  ...described,
  /** milliseconds; the gateway's default where left out */
  deadlineMs: z.number().int().min(100).max(30_000).nullable().default(null),
  freshWithinHours: z.number().positive().nullable().default(null),
  identityEvidence: z.enum(['demographics', 'traced-number']),
  isPlace: z.boolean().default(false),
  /** what the system is called beside each record; the custodian's id where left out */
  system: line.optional(),
}

const tls = z.strictObject({ ca: secret.optional(), certificate: secret.optional(), key: secret.optional() })

/** A record type has one rule, or several where its records come from several places. */
const rulesOf = <T extends z.ZodType>(rule: T) =>
  z.record(
    z.string(),
    z.preprocess((value) => (Array.isArray(value) ? value : [value]), z.array(rule).min(1)),
  )

const identifier = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_$]{0,62}$/, { error: 'is not the name of a view or column' })
const expression = z.string().min(1)
/** When the data was last updated, and from when on records are held. */
const currency = z.strictObject({ asOf: expression.optional(), from: expression.optional() })

/** How single fields are asked for. It has no default: whoever cannot ask for them says so. */
const selectionOf = <T extends string>(way: T) =>
  z.enum([way, 'none'], {
    error: `write \`${way}\`, so that only the fields that may be shown are asked for, or \`none\` where the system cannot do that`,
  })

export const sqlFile = z.strictObject({
  ...connected,
  kind: z.literal('sql'),
  connection: z.strictObject({
    url: secret,
    tls: tls.optional(),
    schema: identifier,
    /** the column of every view that holds the NHS number, ten digits */
    nhsNumberColumn: identifier,
    connections: z.number().int().min(1).max(8).default(3),
  }),
  currency: z
    .strictObject({ view: identifier, asOf: identifier.optional(), from: identifier.optional() })
    .optional(),
  person: personRule.extend({ view: identifier }),
  records: rulesOf(recordRule.extend({ view: identifier })),
})

export const fhirFile = z.strictObject({
  ...connected,
  kind: z.literal('fhir'),
  connection: z.strictObject({
    baseUrl: address,
    tls: tls.optional(),
    credentials: credentialsSchema.optional(),
    pageSize: z.number().int().min(1).max(1000).default(200),
  }),
  /** `live`: the server answers from the record itself, so its data is as of the answer */
  currency: z.strictObject({ asOf: z.literal('live').optional(), from: z.iso.date().optional() }).optional(),
  /** `_elements`: the server gives the elements that a search names, and `meta` with its labels among them */
  fieldSelection: selectionOf('_elements'),
  person: personRule,
  records: rulesOf(
    recordRule.extend({
      /** resource type and parameters, such as `Encounter?patient={patient}`; the patient itself where left out */
      search: z
        .string()
        .regex(/^[A-Z][A-Za-z]+\?(?!(?:.*&)?_elements=)[^\s#]+$/, {
          error: 'write it like `Encounter?patient={patient}`, without `_elements`',
        })
        .optional(),
      /** which of the resources found become records */
      where: expression.optional(),
      /** several records from one resource: one for each of these elements */
      each: expression.optional(),
    }),
  ),
})

const documentRules = {
  currency: currency.optional(),
  /** true where a person at the agency decides first */
  review: expression.optional(),
  person: personRule.extend({ from: expression }),
  records: rulesOf(recordRule.extend({ from: expression })),
}

export const restFile = z.strictObject({
  ...connected,
  kind: z.literal('rest'),
  connection: z.strictObject({
    baseUrl: address,
    tls: tls.optional(),
    credentials: credentialsSchema.optional(),
    values: z.record(z.string(), z.string()).default({}),
  }),
  requests: z.array(request).min(1),
  ...documentRules,
})

export const graphqlFile = z.strictObject({
  ...connected,
  kind: z.literal('graphql'),
  connection: z.strictObject({
    url: address,
    tls: tls.optional(),
    credentials: credentialsSchema.optional(),
  }),
  /** file beside this one that holds one query */
  operation: z.string().regex(/^[\w-]+\.graphql$/, { error: 'name a .graphql file in the same folder' }),
  /** the variable of the operation that takes the NHS number */
  nhsNumberVariable: z.string().min(1),
  /** `operation`: what a question does not need is left out of the query; `none`: the query goes out whole */
  fieldSelection: selectionOf('operation'),
  ...documentRules,
})

export const noneFile = z.strictObject({ ...described, kind: z.literal('none') })

export const custodianFile = z.discriminatedUnion(
  'kind',
  [sqlFile, fhirFile, restFile, graphqlFile, noneFile],
  {
    error: 'kind must be sql, fhir, rest, graphql or none',
  },
)

export type SqlFile = z.infer<typeof sqlFile>
export type FhirFile = z.infer<typeof fhirFile>
export type RestFile = z.infer<typeof restFile>
export type GraphqlFile = z.infer<typeof graphqlFile>
export type CustodianFile = z.infer<typeof custodianFile>
export type ConnectedFile = Exclude<CustodianFile, { kind: 'none' }>
