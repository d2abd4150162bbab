/** Lays the decided picture out as the question asked for it. Pure: by now every agency was asked and every policy applied. */
import type { GraphQLSchema } from 'graphql'
import { createYoga, type Plugin } from 'graphql-yoga'
import { type Picture, policiesOf } from '../../schema/picture.ts'
import type { Question } from '../question.ts'

interface ComposeContext extends Record<string, unknown> {
  readonly picture: Picture | null
}

export type Compose = (question: Question, picture: Picture | null) => Promise<string>

/** What leaves with every picture, whatever fields were selected: silence is never an answer. */
const alwaysTold = ({ eventId, bundle, answers, records }: Picture) => ({
  eventId,
  policyBundle: bundle,
  policies: policiesOf({ answers, records }),
  custodians: answers.map(({ custodian, name, state, words, reason, notAskedFor }) => ({
    custodian,
    name,
    state,
    words,
    reason,
    notAskedFor,
  })),
})

const tellStates: Plugin<ComposeContext> = {
  onExecute({ args }) {
    const { picture } = args.contextValue
    return {
      onExecuteDone({ result, setResult }) {
        if (picture !== null && !(Symbol.asyncIterator in result))
          setResult({ ...result, extensions: { ...result.extensions, sightline: alwaysTold(picture) } })
      },
    }
  },
}

/** @throws a fault where GraphQL reports any error: half a picture is not released */
export function composer(schema: GraphQLSchema): Compose {
  const yoga = createYoga<ComposeContext>({
    schema,
    plugins: [tellStates],
    graphiql: false,
    landingPage: false,
    batching: false,
    // a document may name a child in its text, and none is kept
    parserAndValidationCache: false,
    multipart: false,
    logging: false,
    maskedErrors: true,
    cors: false,
  })
  return async ({ source, operationName, variables }, picture) => {
    const response = await yoga.fetch(
      'http://sightline.invalid/graphql',
      {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: 'application/json' },
        body: JSON.stringify({ query: source, operationName, variables }),
      },
      { picture },
    )
    const body = await response.text()
    if (response.status !== 200 || 'errors' in (JSON.parse(body) as object))
      throw new Error('the stitched schema could not lay out a decided picture')
    return body
  }
}
