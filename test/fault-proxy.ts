/** Stands between the gateway and a real custodian on loopback, and fails as networks and servers do. */
import { connect, createServer, type Server, type Socket } from 'node:net'

export type Fault = 'none' | 'hang' | 'reset' | 'garbage' | 'slow-drip'

export interface FaultProxy {
  readonly port: number
  /** as the custodian's own address, with the proxy's port in its place */
  through(url: string): string
  /** also ends what is open, so that the next question meets the fault */
  fail(fault: Fault): void
  connections(): number
  close(): Promise<void>
}

/** @param target the custodian's own URL */
export async function faultProxy(target: string): Promise<FaultProxy> {
  const { hostname, port } = new URL(target)
  const open = new Set<Socket>()
  let count = 0
  let fault: Fault = 'none'
  const server: Server = createServer((client) => {
    count += 1
    open.add(client)
    client.on('close', () => open.delete(client))
    client.on('error', () => undefined)
    if (fault === 'hang') return
    if (fault === 'reset') return void client.resetAndDestroy()
    if (fault === 'garbage') return void client.end('\u0000garbage that is neither HTTP nor SQL\r\n\r\n')
    if (fault === 'slow-drip') {
      client.write('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 100000\r\n\r\n')
      const drip = setInterval(() => client.write(' '), 50)
      client.on('close', () => clearInterval(drip))
      return
    }
    const upstream = connect(Number(port), hostname)
    open.add(upstream)
    upstream.on('error', () => client.destroy())
    upstream.on('close', () => {
      open.delete(upstream)
      client.destroy()
    })
    client.on('close', () => upstream.destroy())
    client.pipe(upstream).pipe(client)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const own = typeof address === 'object' && address !== null ? address.port : 0
  return {
    port: own,
    through(url) {
      const through = new URL(url)
      through.port = String(own)
      through.hostname = '127.0.0.1'
      return through.href
    },
    fail(next) {
      fault = next
      for (const socket of open) socket.destroy()
    },
    connections: () => count,
    async close() {
      for (const socket of open) socket.destroy()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}
