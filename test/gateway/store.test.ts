/** A server that goes away takes no gateway with it. */
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { expect, test } from 'vitest'
import { openStore } from '../../gateway/store.ts'

/** A message of PostgreSQL's protocol, version 3: its letter, its length, its content. */
function message(letter: string, content: string | Buffer): Buffer {
  const body = Buffer.from(content)
  const head = Buffer.alloc(5)
  head.write(letter)
  head.writeInt32BE(body.length + 4, 1)
  return Buffer.concat([head, body])
}

const SIGNED_IN = message('R', Buffer.alloc(4))
const READY = message('Z', 'I')
const SHUT_DOWN = message(
  'E',
  'SFATAL\0VFATAL\0C57P01\0Mterminating connection due to administrator command\0\0',
)

test('a connection that is lost in the moment in which it is lent out fails what is asked of it, and nothing else', async () => {
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    // in one piece, as a busy machine reads them
    socket.once('data', () => socket.end(Buffer.concat([SIGNED_IN, READY, SHUT_DOWN])))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const store = openStore({ host: '127.0.0.1', port, user: 'nobody', password: '', ssl: false })
  try {
    // what nobody listens to would end this run, as it would end the gateway
    const client = await store.connect()
    await expect(client.query('select 1')).rejects.toThrow(/not queryable|terminated/)
    client.release(true)
  } finally {
    await store.end()
    server.close()
  }
})
