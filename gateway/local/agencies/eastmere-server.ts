/**
 * Eastmere's own GraphQL endpoint, with a schema that owes Sightline nothing. A token in a header; queries only;
 * introspection is off. For some children it answers that a person must decide first.
 */
import { readFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { type FieldNode, GraphQLError, Kind, NoSchemaIntrospectionCustomRule, visit } from 'graphql'
import { createSchema, createYoga, type Plugin } from 'graphql-yoga'
import type { EastmereFile } from '../population/eastmere-file.ts'
import type { AccessEntry, AccessLog } from './access-log.ts'
import { type AgencyServer, eventIdOf, listen, sameSecret } from './agency-server.ts'

export interface EastmereOptions {
  readonly port: number
  readonly token: string
  readonly files: readonly EastmereFile[]
  /** NHS numbers about which a person at Eastmere must decide */
  readonly underReview: ReadonlySet<string>
  readonly asOf: string
  readonly recordsSince: string
  readonly log: AccessLog
}

const typeDefs = readFileSync(new URL('eastmere.graphql', import.meta.url), 'utf8')

export function startEastmere(options: EastmereOptions): Promise<AgencyServer> {
  const byNumber = new Map<string, EastmereFile[]>()
  for (const file of options.files) {
    const number = file.client.nhsNumber
    if (number !== null) byNumber.set(number, [...(byNumber.get(number) ?? []), file])
  }
  const yoga = createYoga<{ req: IncomingMessage }>({
    schema: createSchema({
      typeDefs,
      resolvers: {
        Query: { lookup: (_: unknown, asked: { nhsNumber: string }) => lookup(asked.nhsNumber) },
        Client: { plans },
      },
    }),
    logging: false,
    graphiql: false,
    landingPage: false,
    maskedErrors: true,
    plugins: [guard],
  })
  const lookup = (number: string) => {
    if (!/^\d{10}$/.test(number)) throw new GraphQLError('nhsNumber must be ten digits')
    if (options.underReview.has(number))
      return { __typename: 'ReviewPending', reference: 'EM-DUTY', dutyTelephone: '01632 960141' }
    const currency = { asOf: options.asOf, recordsSince: options.recordsSince }
    const held = byNumber.get(number)
    if (held === undefined) return { __typename: 'NotHeld', ...currency }
    const clients = held.map(({ client, lists }) => ({ ...client, ...lists }))
    return { __typename: 'Held', ...currency, clients }
  }

  return listen(options.port, (request, response) => {
    response.once('finish', () =>
      options.log.write({
        method: request.method ?? '',
        path: '/graphql',
        eventId: eventIdOf(request),
        ...(asked.get(request) ?? { kinds: [], fields: [] }),
        status: response.statusCode,
      }),
    )
    const token = request.headers['x-eastmere-token']
    if (!sameSecret(typeof token === 'string' ? token : undefined, options.token)) {
      response.writeHead(401, { 'content-type': 'application/json' })
      response.end(JSON.stringify({ errors: [{ message: 'token not accepted' }] }))
      return
    }
    Promise.resolve(yoga(request, response)).catch(() => response.destroy())
  })
}

const plans = ({ plans: held }: EastmereFile['lists'], { kind }: { kind?: string | null }) =>
  kind === undefined || kind === null ? held : held.filter((plan) => plan.kind === kind)

/** Which parts of the client's record a query names, and which fields; known once it was parsed. */
const asked = new WeakMap<IncomingMessage, Pick<AccessEntry, 'kinds' | 'fields'>>()

const guard: Plugin<{ req: IncomingMessage }> = {
  onValidate({ addValidationRule }) {
    addValidationRule(NoSchemaIntrospectionCustomRule)
  },
  onExecute({ args }) {
    const kinds = new Set<string>()
    const fields = new Set<string>()
    const path: string[] = []
    visit(args.document, {
      [Kind.FRAGMENT_DEFINITION]: {
        enter: ({ typeCondition }) => void path.push(typeCondition.name.value),
        leave: () => void path.pop(),
      },
      [Kind.FIELD]: {
        enter(field) {
          path.push(worded(field))
          if (field.selectionSet) kinds.add(field.name.value)
          else fields.add(path.join('.'))
        },
        leave: () => void path.pop(),
      },
    })
    for (const wrapper of ['lookup', 'clients']) kinds.delete(wrapper)
    asked.set(args.contextValue.req, { kinds: [...kinds], fields: [...fields] })
  },
}

/** A field as the log may hold it: with a word of our own schema, such as a kind of plan, and without any value. */
function worded({ name, arguments: given = [] }: FieldNode): string {
  const own = given.flatMap((each) => (each.value.kind === Kind.ENUM ? [each.value.value] : []))
  return own.length === 0 ? name.value : `${name.value}(${own.join(', ')})`
}
