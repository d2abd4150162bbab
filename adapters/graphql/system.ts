/**
 * Asks a remote GraphQL endpoint its one query, or as much of it as the question needs. The endpoint's own errors end
 * here: they become a fault of ours, and data that came beside errors is not read, since nobody knows what is missing
 * from it.
 */

import { documentReader } from '../answer-document.ts'
import type { CustodianQuestion } from '../contract.ts'
import { credentials } from '../credentials.ts'
import type { GraphqlFile } from '../custodian-file.ts'
import { Fault } from '../fault.ts'
import { faultOfStatus, httpClient, isSuccess } from '../http.ts'
import { needsOf, placesFor } from '../needs.ts'
import { preparedOnce } from '../prepared.ts'
import { ourHeaders, type System } from '../system.ts'
import type { Operation } from './operation.ts'
import { pruned } from './prune.ts'

export function graphqlSystem(file: GraphqlFile, operation: Operation, clock: () => Date): System {
  const address = new URL(file.connection.url)
  const http = httpClient(address.origin, file.connection.tls)
  const key = credentials(file.connection.credentials, clock)
  const read = documentReader(file)
  const { needs } = needsOf(file)
  const queryFor =
    file.fieldSelection === 'none'
      ? () => operation.text
      : preparedOnce((recordTypes) => pruned(operation, placesFor(needs, recordTypes)))

  async function post(body: string, question: CustodianQuestion, again = true): Promise<unknown> {
    const headers = {
      accept: 'application/graphql-response+json, application/json',
      ...ourHeaders(question),
      ...(await key.headers(question.signal)),
    }
    const answer = await http.post(address, { headers, signal: question.signal }, 'application/json', body)
    if (answer.status === 401 && again && key.forget()) return post(body, question, false)
    if (!isSuccess(answer.status)) throw faultOfStatus(answer.status)
    return dataIn(answer.body)
  }

  return {
    async ask(question) {
      const variables = { [file.nhsNumberVariable]: question.nhsNumber }
      const body = JSON.stringify({
        query: queryFor(question.recordTypes),
        operationName: operation.name,
        variables,
      })
      return read(await post(body, question), question)
    },
    proveReadOnly: async () => null, // it sends nothing but the one query or a part of it
    close: async () => {
      await Promise.all([http.close(), key.close()])
    },
  }
}

function dataIn(body: unknown): unknown {
  if (typeof body !== 'object' || body === null) throw new Fault('malformed')
  const { data, errors } = body as { data?: unknown; errors?: unknown }
  if (errors !== undefined && errors !== null) throw answerFault(errors)
  if (typeof data !== 'object' || data === null) throw new Fault('malformed')
  return data
}

/** Codes in use for a caller who is not let in (Apollo Server; the GraphQL-over-HTTP draft names none). */
const LOCKED_OUT = new Set(['UNAUTHENTICATED', 'UNAUTHORIZED', 'FORBIDDEN'])

function answerFault(errors: unknown): Fault {
  const codes = [errors].flat().map((error: unknown) => {
    const extensions = (error as { extensions?: { code?: unknown } } | null)?.extensions
    return String(extensions?.code)
  })
  return new Fault(codes.some((code) => LOCKED_OUT.has(code)) ? 'not-authorised' : 'failed')
}
