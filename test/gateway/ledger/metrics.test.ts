/** Whoever watches the ledger sees what is behind, in counts and seconds, and nothing of anybody. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type LedgerAlertKind, ledgerAlertKinds } from '../../../gateway/ledger/alert-kind.ts'
import { ledgerMetrics } from '../../../gateway/ledger/metrics.ts'
import { sequence } from '../../../gateway/ledger/sequence.ts'
import { waitingAccesses, waitingByTopic } from '../../../gateway/ledger/waiting.ts'
import { type Cluster, ownCluster } from './cluster.ts'
import { signedLedger } from './signed-ledger.ts'

let cluster: Cluster
beforeAll(async () => {
  cluster = await ownCluster()
}, 60_000)
afterAll(() => cluster.end())

/** Accesses of a test were made at ten, and it is ten seconds past. */
const clock = () => new Date('2026-11-21T10:00:10.000Z')

test('what waits for Kafka, what is unsigned and what a witness has not seen is told, with its age', async () => {
  const ledger = await signedLedger(cluster, 'measured')
  const stopped: { topic: string; partition: number; index: number }[] = []
  const kinds = Object.keys(ledgerAlertKinds) as LedgerAlertKind[]
  const stand = new Map<LedgerAlertKind, number>(kinds.map((kind) => [kind, 0]))
  const alerts = { standing: async () => stand }
  const relay = {
    waiting: () => waitingAccesses(ledger.pool, 'topic'),
    waitingByTopic: () => waitingByTopic(ledger.pool, ['topic', 'topic.northshire-police']),
    stopped: () => stopped,
  }
  const metrics = ledgerMetrics({ pool: ledger.pool, relay, alerts, clock })
  const figures = async () => {
    const { body } = await metrics.scrape()
    const lines = body.split('\n').filter((line) => line.startsWith('sightline_ledger_'))
    return Object.fromEntries(
      lines.map((line) => [line.split(' ')[0]?.slice(17), Number(line.split(' ')[1])]),
    )
  }
  const byTopic = (figure: string, all: number, police: number) => ({
    [`topic_${figure}{topic="topic"}`]: all,
    [`topic_${figure}{topic="topic.northshire-police"}`]: police,
  })
  const nothing = {
    ...Object.fromEntries(kinds.map((kind) => [`alert_active{kind="${kind}"}`, 0])),
    ...{ waiting_records: 0, oldest_waiting_seconds: 0, signed_records: 0, stopped_partitions: 0 },
    ...{ unsigned_records: 0, unsigned_seconds: 0 },
    ...byTopic('waiting_records', 0, 0),
    ...byTopic('oldest_waiting_seconds', 0, 0),
  }
  expect(await figures()).toEqual(nothing)

  const ids = await ledger.add(7)
  const witnesses = "('police.example/witness', 5, NULL), ('council.example/witness', 7, 'CHECKPOINT_FORKED')"
  await ledger.pool.query(`INSERT INTO log_witness VALUES ${witnesses}`)
  stand.set('KAFKA_RECORD_REFUSED', 1)
  await ledger.pool.query("INSERT INTO access_relayed VALUES ('topic.northshire-police', 3, '{3}', '{3}')")
  stopped.push({ topic: 'topic', partition: 3, index: 4 })
  const afterwards = {
    ...nothing,
    ...{ waiting_records: 7, oldest_waiting_seconds: 10, signed_records: 7, stopped_partitions: 1 },
    'alert_active{kind="KAFKA_RECORD_REFUSED"}': 1,
    ...byTopic('waiting_records', 7, 3),
    ...byTopic('oldest_waiting_seconds', 10, 10),
    'witness_behind_records{witness="police.example/witness"}': 2,
    'witness_behind_records{witness="council.example/witness"}': 0,
    'witness_refused{witness="police.example/witness"}': 0,
    'witness_refused{witness="council.example/witness"}': 1,
  }
  expect(await figures()).toEqual(afterwards)

  const unsigned = { waiting_records: 10, unsigned_records: 3, unsigned_seconds: 10 }
  for (const placed of [false, true]) {
    if (placed) await sequence(ledger.client, 1)
    else await appendUnplaced(3)
    expect(await figures(), placed ? 'one has a place' : 'none has a place').toMatchObject(unsigned)
  }

  await ledger.pool.query("DELETE FROM log_witness WHERE name LIKE 'council%'")
  expect(Object.keys(await figures()).join()).not.toContain('council')
  const { body } = await metrics.scrape()
  for (const id of ids) expect(body).not.toContain(id)
  await ledger.end()

  async function appendUnplaced(count: number): Promise<void> {
    await ledger.pool.query(
      `WITH e AS (
         INSERT INTO access_event SELECT gen_random_uuid(), '2026-11-21T10:00:00Z', 'no-child', '{}'
         FROM generate_series(1, $1) RETURNING *
       ) INSERT INTO access_pending SELECT occurred_at, event_id FROM e`,
      [count],
    )
  }
})
