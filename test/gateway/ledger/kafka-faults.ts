/** Makes a broker's acknowledgements go wrong on their way, as networks and kafkajs do (reference: ledger.md, 3). */
import { connect, type Socket } from 'node:net'
import type { ISocketFactory } from 'kafkajs'

export type AckFault = 'lost' | 'other-partition' | 'old-offset' | 'refused'

const PRODUCE = 0 // api key of the Kafka protocol
const NOT_LEADER_OR_FOLLOWER = 6

export class KafkaFaults {
  readonly done: AckFault[] = []
  #due: AckFault | null = null

  /** spoils the next acknowledgement of a produce request */
  next(fault: AckFault): void {
    this.#due = fault
  }

  readonly socketFactory: ISocketFactory = ({ host, port, onConnect }) => {
    const socket = connect({ host, port }, onConnect)
    const write = socket.write.bind(socket)
    const emit = socket.emit.bind(socket)
    let produced = false
    socket.write = ((...given: Parameters<Socket['write']>) => {
      const [bytes] = given
      produced ||= Buffer.isBuffer(bytes) && bytes.length > 6 && bytes.readInt16BE(4) === PRODUCE
      return write(...given)
    }) as Socket['write']
    socket.emit = ((event: string, ...given: unknown[]) => {
      const [chunk] = given
      const fault = this.#due
      if (event !== 'data' || !produced || !Buffer.isBuffer(chunk)) return emit(event, ...given)
      produced = false
      if (fault === null) return emit(event, chunk)
      this.#due = null
      this.done.push(fault)
      if (fault === 'lost') {
        socket.destroy(new Error('reset on the way'))
        return true
      }
      return emit(event, spoiled(chunk, fault))
    }) as Socket['emit']
    return socket
  }
}

/** size 4, correlation 4, topics 4, name 2 + n, partitions 4; then partition 4, error 2, base offset 8 */
function spoiled(response: Buffer, fault: Exclude<AckFault, 'lost'>): Buffer {
  const copy = Buffer.from(response)
  const partition = 12 + 2 + copy.readInt16BE(12) + 4
  if (fault === 'other-partition') copy.writeInt32BE(copy.readInt32BE(partition) + 1, partition)
  else if (fault === 'old-offset') copy.writeBigInt64BE(0n, partition + 6)
  else copy.writeInt16BE(NOT_LEADER_OR_FOLLOWER, partition + 4)
  return copy
}
