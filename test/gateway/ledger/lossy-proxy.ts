/**
 * Stands between a gateway and its PostgreSQL. It can hold or lose the commit of an access, or the reply to it, as a
 * network does. It reads the protocol's messages (PostgreSQL manual, 54.7), so that it strikes at exactly that moment.
 */
import { connect, createServer, type Server, type Socket } from 'node:net'

export interface LossyProxy {
  readonly port: number
  /** the next commit of accesses reaches the server; its reply, and the connection, are lost */
  loseNextCommitReply(): void
  /**
   * The next records are inserted, but not committed until `letGo`.
   * @param among only where this event type is among them
   * @returns settles once that is so
   */
  holdNextCommit(among?: string): Promise<void>
  /** likewise; they are committed, and the reply is not passed on until `letGo` */
  holdNextReply(among?: string): Promise<void>
  letGo(): void
  /** from now on nobody gets through */
  refuseAll(): void
  commitsSeen(): number
  close(): Promise<void>
}

type Fault = 'lose-reply' | 'hold-commit' | 'hold-reply'

const BIND = 'B'
const SYNC = 'S' // ends the implicit transaction of a statement: this is the commit
const APPEND = 'sightline-append' // name of the ledger's prepared statement

export async function lossyProxy(target: number): Promise<LossyProxy> {
  const sockets = new Set<Socket>()
  const held: (() => void)[] = []
  let due: { fault: Fault; among: string; struck: () => void } | null = null
  let open = true
  let commits = 0

  const strikeNext = (fault: Fault, among = '') =>
    new Promise<void>((struck) => {
      due = { fault, among, struck }
    })
  const server = createServer((client) => {
    if (!open) return void client.destroy()
    const upstream = connect(target, '127.0.0.1')
    let replies: 'pass' | 'lose' | 'hold' = 'pass'
    let commitHeld = false
    let struck: () => void = () => undefined
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => {
        sockets.delete(socket)
        client.destroy()
        if (replies !== 'lose') upstream.destroy()
      })
    }
    let appending: Buffer | null = null
    const pass = (message: Buffer) => {
      const type = message.length > 0 ? String.fromCharCode(message[0] ?? 0) : ''
      if (type === BIND && message.includes(APPEND)) appending = message
      if (type === SYNC && appending) {
        commits++
        const strikes = due !== null && appending.includes(due.among) ? due : null
        appending = null
        const fault = strikes?.fault
        if (strikes) {
          struck = strikes.struck
          due = null
        }
        if (fault === 'lose-reply') replies = 'lose'
        if (fault === 'hold-reply') replies = 'hold'
        if (fault === 'hold-commit') {
          commitHeld = true
          held.push(() => upstream.write(message))
          // what was inserted before it must have arrived: a flush makes the server say so
          upstream.write(FLUSH)
          return
        }
      }
      upstream.write(message)
    }
    const messages = frontendMessages()
    client.on('data', (chunk) => {
      for (const message of messages(chunk)) pass(message)
    })
    upstream.on('data', (chunk) => {
      if (commitHeld) {
        commitHeld = false
        struck() // inserted, as the server says; nothing is committed
      }
      if (replies === 'pass') return void client.write(chunk)
      if (replies === 'hold') {
        held.push(() => client.write(chunk))
        replies = 'pass'
        return struck()
      }
      client.destroy() // the server has committed and said so; nobody hears it
      upstream.destroy()
      return struck()
    })
  })
  return {
    port: await listening(server),
    loseNextCommitReply() {
      void strikeNext('lose-reply')
    },
    holdNextCommit: (among) => strikeNext('hold-commit', among),
    holdNextReply: (among) => strikeNext('hold-reply', among),
    letGo() {
      for (const go of held.splice(0)) go()
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

/** @returns the port of loopback at which it listens now */
export async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

const FLUSH = Buffer.from([0x48, 0, 0, 0, 4])

/** Cuts what a client sends into whole messages: a length first, and before it, except in the very first, a type. */
function frontendMessages(): (chunk: Buffer) => Buffer[] {
  let rest = Buffer.alloc(0)
  let typed = 0
  return (chunk) => {
    rest = Buffer.concat([rest, chunk])
    const whole: Buffer[] = []
    while (rest.length >= typed + 4) {
      const length = typed + rest.readInt32BE(typed)
      if (rest.length < length) break
      whole.push(rest.subarray(0, length))
      rest = rest.subarray(length)
      typed = 1
    }
    return whole
  }
}

/** The same database, reached through the proxy. */
export function through(databaseUrl: string, port: number): string {
  const url = new URL(databaseUrl)
  url.port = String(port)
  return url.toString()
}
