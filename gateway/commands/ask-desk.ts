/** Sends one operation of the desk to the gateway, as a persona. What it refuses is told with its receipt. */
import { Refusal } from '../../schema/refusal.ts'
import type { Json } from './print-value.ts'
import { runningStart } from './running-start.ts'
import { tokenOf } from './token.ts'

interface Answer {
  readonly data?: Json
  readonly errors?: readonly {
    readonly message: string
    readonly extensions: { readonly code: string; readonly eventId?: string | null }
  }[]
}

/** @returns what the operation gave, by the name of its field */
export async function askDesk(persona: string, query: string, variables: object = {}): Promise<Json> {
  const { gateway } = await runningStart()
  const token = await tokenOf(persona)
  let answer: Answer
  try {
    const response = await fetch(`${gateway}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ query, variables }),
    })
    answer = (await response.json()) as Answer
  } catch {
    throw new Refusal(
      'GATEWAY_UNREACHABLE',
      `no gateway answers at ${gateway}; see whether it runs, and try again`,
    )
  }
  const error = answer.errors?.[0]
  if (error === undefined) return answer.data ?? {}
  const { code, eventId } = error.extensions
  throw new Refusal(code, `${error.message}${eventId ? ` (recorded; receipt ${eventId})` : ''}`)
}
