/** Whoever the partnership wants to be told at once: takes alerts over HTTP and keeps what came. */
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Desk {
  readonly url: string
  readonly received: Record<string, unknown>[]
  /** what it answers with from now on; `nothing` lets the caller wait */
  answer: number | 'nothing'
  close(): Promise<void>
}

export async function openDesk(): Promise<Desk> {
  const made = { received: [] as Record<string, unknown>[], answer: 204 as number | 'nothing' }
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      made.received.push(JSON.parse(Buffer.concat(chunks).toString()))
      if (made.answer !== 'nothing') response.writeHead(made.answer, { location: '/elsewhere' }).end()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return Object.assign(made, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/alerts?secret=of-the-desk`,
    async close() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  })
}
