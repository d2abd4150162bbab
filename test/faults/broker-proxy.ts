/**
 * Stands between Kafka's clients and one broker, whose advertised address is the proxy's. It reads the frames of the
 * protocol (a length, then what it counts), and so can lose or delay exactly the acknowledgement of a send.
 */
import { connect, createServer, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'

export type AckFault = 'swallowed' | 'reset' | { readonly lateBy: number }

export interface BrokerProxy {
  readonly port: number
  /** strikes the next acknowledgement that this broker sends; @returns settles once it has */
  strikeNext(fault: AckFault): Promise<void>
  close(): Promise<void>
}

const PRODUCE = 0 // api key (Kafka protocol guide)

/** @param broker port on which the broker itself listens */
export async function brokerProxy(port: number, broker: number): Promise<BrokerProxy> {
  const sockets = new Set<Socket>()
  let due: { fault: AckFault; struck: () => void } | null = null
  const server = createServer((client) => {
    const upstream = connect(broker, '127.0.0.1')
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => {
        sockets.delete(socket)
        client.destroy()
        upstream.destroy()
      })
    }
    const sends = new Set<number>() // correlation ids of sends that wait for their acknowledgement
    const requests = frames()
    const responses = frames()
    client.on('data', (chunk) => {
      for (const request of requests(chunk))
        if (request.readInt16BE(4) === PRODUCE) sends.add(request.readInt32BE(8))
      upstream.write(chunk)
    })
    let passed: Promise<unknown> = Promise.resolve() // one after the other, also after a late one
    const pass = (response: Buffer) => {
      const strike = sends.delete(response.readInt32BE(4)) ? due : null
      if (strike === null) {
        passed = passed.then(() => client.write(response))
        return
      }
      due = null
      strike.struck()
      const { fault } = strike
      if (fault === 'reset') client.destroy()
      else if (fault !== 'swallowed')
        passed = passed.then(() => pause(fault.lateBy)).then(() => client.write(response))
    }
    upstream.on('data', (chunk) => {
      for (const response of responses(chunk)) pass(response)
    })
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  return {
    port,
    strikeNext: (fault) => new Promise((struck) => (due = { fault, struck })),
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** Cuts a stream into whole frames, each with its four bytes of length. */
function frames(): (chunk: Buffer) => Buffer[] {
  let rest = Buffer.alloc(0)
  return (chunk) => {
    rest = Buffer.concat([rest, chunk])
    const whole: Buffer[] = []
    while (rest.length >= 4) {
      const length = 4 + rest.readInt32BE(0)
      if (rest.length < length) break
      whole.push(rest.subarray(0, length))
      rest = rest.subarray(length)
    }
    return whole
  }
}
