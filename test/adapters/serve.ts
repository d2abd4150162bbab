/** A real HTTP server on a free port of this machine, and a question to ask a custodian behind it. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { CustodianQuestion } from '../../adapters/contract.ts'
import { decidedGroups } from '../../schema/data-group.ts'
import { nhsNumber } from '../../schema/nhs-number.ts'

export const MAYA = '9990000018' // from the test range

export interface Served {
  readonly url: string
  readonly requests: readonly IncomingMessage[]
  close(): Promise<void>
}

export async function serve(listener: RequestListener): Promise<Served> {
  const requests: IncomingMessage[] = []
  const server = createServer((request, response) => {
    requests.push(request)
    listener(request, response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    async close() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

export function json(
  response: ServerResponse,
  body: unknown,
  status = 200,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
}

/** @param deadline milliseconds */
export const question = (
  recordTypes: readonly string[],
  deadline = 5_000,
  number: string = MAYA,
): CustodianQuestion => ({
  nhsNumber: nhsNumber(number),
  recordTypes: recordTypes.map((name) => ({ name, groups: decidedGroups })),
  eventId: '01jd-test',
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  signal: AbortSignal.timeout(deadline),
})
