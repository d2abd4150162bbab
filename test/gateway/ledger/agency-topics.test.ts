/** Every agency whose person asks or whose system is asked has its own topic, and follows an erasure on it. */
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { agencyTopic } from '../../../gateway/ledger/agency-copy.ts'
import { openLedger } from '../../../gateway/ledger/append.ts'
import { eraseChild } from '../../../gateway/ledger/erase-child.ts'
import { connectKafka } from '../../../gateway/ledger/kafka-topic.ts'
import { openRelay, type Relay } from '../../../gateway/ledger/relay.ts'
import { readTopic } from '../../../gateway/ledger/topic-reader.ts'
import { noteSigner } from '../../../gateway/ledger/tree/signed-note.ts'
import { closedAfterEach } from '../../closed-after-each.ts'
import { brokerMissing } from './broker.ts'
import { faultsHeard } from './faults-heard.ts'
import { denied, record, released, somePid } from './sample.ts'
import { storeAndBroker } from './store-and-broker.ts'

const silent = () => undefined
const TOPIC = 'sightline.access.v1'
const SIGNER = noteSigner('log', 'northshire.example/sightline', Buffer.alloc(32, 3))
const recorder = { source: 'urn:sightline:northshire', node: 'gateway-1', build: '0.1.0' }

const on = storeAndBroker()
const open = closedAfterEach()

test.skipIf(brokerMissing)(
  'an agency without a custodian gets its topic with its first asker; an erased child is followed by who holds copies',
  async () => {
    const databaseUrl = await on.cluster.ledgerDatabase('agency_topics')
    const pool = on.cluster.pool(databaseUrl)
    const ledger = await openLedger({ databaseUrl, deadlineMs: 5_000 })
    open.push(ledger)
    let agencies = ['northshire-police', 'eastmere-council']
    const start = async () => {
      const relay = await openRelay({
        ...{ databaseUrl, topic: TOPIC, brokers: on.kafka.brokers, partitions: 3, replicationFactor: 1 },
        ...{ agencies: async () => agencies, agenciesMs: 50, pollMs: 20, alerts: faultsHeard() },
        log: { info: silent, warn: silent, error: silent },
        signing: { signer: SIGNER, clock: () => new Date(), file: join(on.cluster.folder, 'agency-topics') },
      })
      open.push(relay)
      return relay
    }
    const onTopicOf = async (agency: string) => {
      const read = await readTopic(connectKafka({ brokers: on.kafka.brokers }), agencyTopic(TOPIC, agency))
      return read.accesses.map(({ key, partition, value }) => ({
        key,
        partition,
        event: JSON.parse(String(value)),
      }))
    }
    const soon = <Found>(look: () => Found) => expect.poll(look, { timeout: 60_000, interval: 100 })
    const nothingWaits = (at: Relay, topics: number) =>
      soon(async () => [...(await at.waitingByTopic()).values()].map(({ count }) => count)).toEqual(
        Array(topics).fill(0),
      )

    const [child, other] = [somePid(), somePid()]
    for (const pid of [child, other, child]) await ledger.append(record(released(pid)))
    const asksAlone = { ...denied('NO_CASE_RELATIONSHIP', child) }
    const fromYouth = {
      ...asksAlone,
      actor: asksAlone.actor && { ...asksAlone.actor, agency: 'youth-service' },
    }
    await ledger.append(record(fromYouth))
    const relay = await start()
    await nothingWaits(relay, 3)
    agencies = [...agencies, 'youth-service']
    await nothingWaits(relay, 4)
    const [asked, ...more] = await onTopicOf('youth-service')
    expect(more).toEqual([])
    expect(asked).toMatchObject({ key: child, event: { data: { part: { asked: false, asks: true } } } })

    const erased = await eraseChild({ pool, ledger, recorder, clock: () => new Date(), settleMs: 0 }, child)
    expect(erased.agencies).toEqual([
      { agency: 'hollybank-school', copies: 2 },
      { agency: 'northshire-council', copies: 2 },
      { agency: 'northshire-police', copies: 2 },
      { agency: 'youth-service', copies: 1 },
    ])
    await nothingWaits(relay, 4)
    for (const [agency, copies] of [
      ['northshire-police', 2],
      ['youth-service', 1],
    ] as const) {
      const hers = (await onTopicOf(agency)).filter(({ key }) => key === child)
      expect(new Set(hers.map(({ partition }) => partition)).size).toBe(1)
      expect(hers).toHaveLength(copies + 1)
      expect(hers.at(-1)?.event).toMatchObject({
        ...{ id: erased.eventId, type: 'sightline.access.erased.v1', partitionkey: child },
        data: { agency, subjects: [{ pid: child }], erasure: { copies } },
      })
    }
    expect(await onTopicOf('eastmere-council')).toEqual([])

    // its last practitioner left the register: what it was given is still followed
    agencies = []
    open.splice(open.indexOf(relay), 1)
    await relay.close()
    await ledger.append(record({ ...fromYouth, subjects: [{ pid: other, relation: 'child' }] }))
    await nothingWaits(await start(), 4)
    expect(await onTopicOf('youth-service')).toHaveLength(3)
  },
  180_000,
)
