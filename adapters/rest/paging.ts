/** Finds the next page of an answer, as the request declares. Refuses an answer without end. */

import { compile } from '../expression.ts'
import { Fault } from '../fault.ts'
import type { Answer } from '../http.ts'
import type { RestRequest } from './request.ts'

export const MOST_PAGES = 40

/** @returns the address of the page after this one, or null after the last */
export type NextPage = (answer: Answer, address: URL) => Promise<URL | null>

export function nextPage(paging: RestRequest['paging']): NextPage {
  if (paging === undefined) return async () => null
  if (paging.kind === 'offset') {
    const items = compile(paging.items)
    return async (answer, address) => {
      const found = await items(answer.body)
      const count = Array.isArray(found) ? found.length : found === undefined || found === null ? 0 : 1
      if (count < paging.size) return null
      return withParameter(
        address,
        paging.parameter,
        String(Number(address.searchParams.get(paging.parameter) ?? 0) + count),
      )
    }
  }
  const next = paging.next === undefined ? undefined : compile(paging.next)
  return async (answer, address) => {
    const found = next === undefined ? linkIn(answer) : await next(answer.body)
    if (found === undefined || found === null || found === '') return null
    if (typeof found !== 'string' && typeof found !== 'number') throw new Fault('malformed')
    if (paging.kind === 'cursor') return withParameter(address, paging.parameter, String(found))
    if (!URL.canParse(String(found), address.href)) throw new Fault('malformed')
    return new URL(String(found), address)
  }
}

function withParameter(address: URL, name: string, value: string): URL {
  const next = new URL(address)
  next.searchParams.set(name, value)
  return next
}

/** RFC 8288: `<https://…>; rel="next"` */
function linkIn({ headers }: Answer): string | undefined {
  const link = Array.isArray(headers.link) ? headers.link.join(', ') : headers.link
  return /<([^>]*)>\s*;[^,]*\brel="?next"?/i.exec(link ?? '')?.[1]
}
