/**
 * Lays the decided picture, or what the desk gave, out as the question asked for it. Pure: by now every agency was
 * asked, every policy applied, and every decision at the desk written.
 */
import type { GraphQLSchema } from 'graphql'
import { createYoga, type Plugin } from 'graphql-yoga'
import type { DeskAnswers } from '../../schema/desk.ts'
import { type Picture, policiesOf } from '../../schema/picture.ts'
import type { Question } from '../question.ts'

/** What the desk gave, with the receipt of the access. */
export interface DeskGiven extends Partial<DeskAnswers> {
  readonly eventId: string
}

interface ComposeContext extends Record<string, unknown> {
  readonly picture: Picture | null
  readonly desk: DeskGiven | null
}

export type Compose = (
  question: Question,
  picture: Picture | null,
  desk?: DeskGiven | null,
) => Promise<string>

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
    const { picture, desk } = args.contextValue
    const sightline = picture === null ? desk && { eventId: desk.eventId } : alwaysTold(picture)
    return {
      onExecuteDone({ result, setResult }) {
        if (sightline !== null && !(Symbol.asyncIterator in result))
          setResult({ ...result, extensions: { ...result.extensions, sightline } })
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
  return async ({ source, operationName, variables }, picture, desk = null) => {
    const response = await yoga.fetch(
      'http://sightline.invalid/graphql',
      {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: 'application/json' },
        body: JSON.stringify({ query: source, operationName, variables }),
      },
      { picture, desk },
    )
    const body = await response.text()
    if (response.status !== 200 || 'errors' in (JSON.parse(body) as object))
      throw new Error('the stitched schema could not lay out what was decided')
    return body
  }
}
