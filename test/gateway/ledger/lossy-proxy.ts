/** Stands between a gateway and its PostgreSQL, and can lose the reply to a COMMIT as a network does. */
import { connect, createServer, type Socket } from 'node:net'

export interface LossyProxy {
  readonly port: number
  /** the next COMMIT reaches the server; its reply, and the connection, are lost */
  loseNextCommitReply(): void
  /** from now on nobody gets through */
  refuseAll(): void
  commitsSeen(): number
  close(): Promise<void>
}

export async function lossyProxy(target: number): Promise<LossyProxy> {
  const sockets = new Set<Socket>()
  let lose = false
  let open = true
  let commits = 0
  const server = createServer((client) => {
    if (!open) return client.destroy()
    const upstream = connect(target, '127.0.0.1')
    let deaf = false
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => {
        sockets.delete(socket)
        client.destroy()
        if (!deaf) upstream.destroy()
      })
    }
    client.on('data', (chunk) => {
      if (chunk.includes('COMMIT')) {
        commits++
        if (lose) {
          lose = false
          deaf = true
        }
      }
      upstream.write(chunk)
    })
    upstream.on('data', (chunk) => {
      if (!deaf) return client.write(chunk)
      client.destroy() // the server has committed and said so; nobody hears it
      upstream.destroy()
      return true
    })
    return client
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return {
    port: address.port,
    loseNextCommitReply() {
      lose = true
    },
    refuseAll() {
      open = false
    },
    commitsSeen: () => commits,
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
