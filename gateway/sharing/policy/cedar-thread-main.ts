/** What runs in the thread of `cedar-thread.ts`: puts each request that it is sent to Cedar, and says what comes out. */
import { parentPort } from 'node:worker_threads'
import type { Consultation, Opinion } from './cedar-thread.ts'
import { readSchema } from './policy-schema.ts'
import { decideByReference, load, type ReferenceSource } from './reference.ts'

const desk = parentPort
if (!desk) throw new Error('this is a thread of the gateway and does not run by itself')

let source: ReferenceSource | undefined

desk.on('message', ({ number, bundle, requests, until }: Consultation) => {
  if (bundle) {
    source = { ...bundle, schema: readSchema(bundle.schemaText) }
    load(source)
  }
  const live = source
  if (!live) throw new Error('asked without a bundle')
  // under load, what nobody waits for any more would only delay the rest
  const decisions = Date.now() < until ? requests.map((request) => decideByReference(live, request)) : []
  desk.postMessage({ number, decisions } satisfies Opinion)
})
desk.postMessage({ number: 0, decisions: [] } satisfies Opinion)
