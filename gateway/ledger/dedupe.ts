/**
 * The rule by which a reader of the topic sees every access exactly once. The relay sends each partition's records in
 * the order of their index and, after any doubt, sends some again; so a reader accepts a record only where its index
 * is greater than the last one it accepted from that partition, and passes over the rest.
 */

/** @returns whether to accept the next record of the partition; remembers what it accepted */
export function onceByIndex(): (partition: number, index: number) => boolean {
  const last = new Map<number, number>()
  return (partition, index) => {
    if (index <= (last.get(partition) ?? -1)) return false
    last.set(partition, index)
    return true
  }
}
