/**
 * Asks a JSON-over-REST system as its mapping declares: requests one after another, each of them once or for each
 * thing that an earlier one found. GET only, within the system's own address.
 */

import { documentReader } from '../answer-document.ts'
import type { CustodianQuestion } from '../contract.ts'
import { credentials } from '../credentials.ts'
import type { RestFile } from '../custodian-file.ts'
import { compile } from '../expression.ts'
import { Fault } from '../fault.ts'
import { type Answer, faultOfStatus, httpClient, isSuccess } from '../http.ts'
import { preparedOnce } from '../prepared.ts'
import { ourHeaders, type System } from '../system.ts'
import { addressOf, type Values, valuesIn } from './address.ts'
import { fieldsAsked, requestNeeds } from './fields.ts'
import { MOST_PAGES, nextPage } from './paging.ts'
import type { RestRequest } from './request.ts'

/** Requests that one question may cause, pages aside. */
const MOST_REQUESTS = 60

/** A status of the system settled the question before its mapping was read. */
type Settled = 'not-held' | 'under-review'

export function restSystem(file: RestFile, clock: () => Date): System {
  const { baseUrl, tls, values } = file.connection
  const base = new URL(baseUrl)
  const http = httpClient(base.origin, tls)
  const key = credentials(file.connection.credentials, clock)
  const read = documentReader(file)
  const { needs } = requestNeeds(file)
  const fieldsFor = preparedOnce(
    (recordTypes) =>
      new Map(file.requests.map((request) => [request, fieldsAsked(request, needs, recordTypes)])),
  )
  const plan = file.requests.map((request) => ({
    request,
    targets: request.for === undefined ? undefined : compile(request.for),
    next: nextPage(request.paging),
  }))
  type Step = (typeof plan)[number]

  async function get(address: URL, question: CustodianQuestion, again = true): Promise<Answer> {
    const headers = {
      accept: 'application/json',
      ...ourHeaders(question),
      ...(await key.headers(question.signal)),
    }
    const answer = await http.get(address, { headers, signal: question.signal })
    return answer.status === 401 && again && key.forget() ? get(address, question, false) : answer
  }

  /** @returns the body (of a paged request the bodies), `null` where nothing is there, or how the question settles */
  async function send({ request, next }: Step, more: Values, question: CustodianQuestion) {
    const asked = question.recordTypes.map((type) => type.name)
    const pages: unknown[] = []
    const all = { ...values, ...more, nhsNumber: question.nhsNumber }
    const fields = fieldsFor(question.recordTypes).get(request)
    let address: URL | null = addressOf(base, request, all, asked, fields)
    while (address !== null) {
      if (pages.length === MOST_PAGES) throw new Fault('malformed', 'too many pages')
      const answer: Answer = await get(address, question)
      const meaning = request.statuses[String(answer.status)]
      if (meaning === 'absent') return { body: null }
      if (meaning !== undefined) return { settled: meaning satisfies Settled }
      if (!isSuccess(answer.status)) throw faultOfStatus(answer.status)
      pages.push(answer.body)
      address = await next(answer, address)
    }
    return { body: request.paging === undefined ? pages[0] : pages }
  }

  async function perform(step: Step, document: unknown, question: CustodianQuestion) {
    if (step.targets === undefined) return send(step, {}, question)
    const asked = question.recordTypes.map((type) => type.name)
    const targets = await step.targets(document, { asked, nhsNumber: question.nhsNumber })
    const list: readonly unknown[] = targets === undefined || targets === null ? [] : [targets].flat()
    if (list.length > MOST_REQUESTS) throw new Fault('malformed', 'too many things to fetch')
    const answers = await Promise.all(list.map((target) => send(step, valuesIn(target), question)))
    const settled = answers.find((answer) => answer.settled !== undefined)
    return settled ?? { body: answers.map((answer) => answer.body) }
  }

  return {
    async ask(question) {
      const document: Record<string, unknown> = {}
      for (const step of plan) {
        if (!isNeeded(step.request, question)) continue
        const answer = await perform(step, document, question)
        if (answer.settled === 'under-review') return { kind: 'under-review' }
        if (answer.settled === 'not-held')
          return { kind: 'unchecked', people: [], records: [], asOf: null, holdsFrom: null }
        document[step.request.name] = answer.body
      }
      return read(document, question)
    },
    proveReadOnly: async () => null, // it sends nothing but GET
    close: async () => {
      await Promise.all([http.close(), key.close()])
    },
  }
}

const isNeeded = ({ serves }: RestRequest, { recordTypes }: CustodianQuestion) =>
  serves === undefined || recordTypes.some(({ name }) => serves.includes(name))
