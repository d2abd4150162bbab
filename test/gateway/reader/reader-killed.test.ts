/**
 * The reader is killed in the midst of a batch, and so is its rebuild: the next start holds what the topic holds, nothing
 * twice and nothing missing, and no child who was erased.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { afterEach, beforeEach, expect, inject, test } from 'vitest'
import { onceByIndex } from '../../../gateway/ledger/dedupe.ts'
import { erasureRecord } from '../../../gateway/ledger/erasure.ts'
import { partitionSpans, readSpans, type TopicRecord } from '../../../gateway/ledger/topic-reader.ts'
import { ourProgram } from '../../../gateway/local/part.ts'
import { rebuild } from '../../../gateway/reader/rebuild.ts'
import { operatorEnv } from '../commands/from-terminal.ts'
import { record, released, somePid } from '../ledger/sample.ts'
import { PARTITIONS, type Sent, type TestTopic, testTopic } from './topic.ts'

const runs = test.skipIf(inject('partners').kafkaMissing !== null)
/** Kafka keeps the partitions for a reader that was killed until its session ends. */
const KILLED_SESSION = { timeout: 60_000, interval: 50 } // milliseconds

let on: TestTopic
const running: ChildProcess[] = []
beforeEach(async () => {
  if (inject('partners').kafkaMissing === null) on = await testTopic()
})
afterEach(async () => {
  for (const child of running.splice(0)) await kill(child)
  await on?.end()
})

function start(entry: string, args: readonly string[], env: Readonly<Record<string, string>>): ChildProcess {
  const program = ourProgram(new URL(entry, import.meta.url), ...args)
  const child = spawn(program.command, program.args, {
    env: { ...process.env, ...env },
    stdio: ['pipe', 'inherit', 'inherit'],
  })
  running.push(child)
  return child
}
const startReader = () => start('./reader-process.ts', [on.databaseUrl, on.brokers.join(','), on.topic], {})
/** As an operator types it. */
const startRebuild = () =>
  start('../../../gateway/commands/sightline.js', ['reader', 'rebuild'], {
    ...operatorEnv(on.databaseUrl),
    KAFKA_BROKERS: on.brokers.join(','),
    KAFKA_TOPIC: on.topic,
    KAFKA_PARTITIONS: String(PARTITIONS),
  })

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGKILL')
  await ended
}

/** Records of a partition that the reader gets at once, and takes in within one transaction. */
const BATCH = 300
const some = (n: number, from = 0): Sent[] =>
  Array.from({ length: n }, (_, i) => ({
    index: from + i,
    partition: (from + i) % PARTITIONS,
    record: record(released()),
  }))
async function send(sent: readonly Sent[]): Promise<void> {
  for (let n = 0; n < sent.length; n += BATCH * PARTITIONS)
    await on.send(...sent.slice(n, n + BATCH * PARTITIONS))
}

/** Index and id of every access, as the topic has them. */
async function onTopic(): Promise<string[]> {
  const accept = onceByIndex()
  const found: [number, string][] = []
  const spans = await partitionSpans(on.kafka, on.topic)
  const take = ({ partition, index, value }: TopicRecord) => {
    if (accept(partition, index)) found.push([index, JSON.parse(value.toString()).id])
  }
  await readSpans(on.kafka, on.topic, spans, take, 30_000)
  return found.sort(([a], [b]) => a - b).map((each) => each.join(' '))
}
async function held(): Promise<string[]> {
  const { rows } = await on.pool.query('select idx, event_id from read_access order by idx')
  return rows.map(({ idx, event_id }) => `${idx} ${event_id}`)
}

/** Any number: what waits for it stands between two rows of one batch. */
const GATE = '715'

/**
 * Whoever writes the access after so many waits in the midst of its batch for as long as the gate is shut.
 * @returns opens it
 */
async function shutAfter(accesses: number): Promise<() => Promise<void>> {
  const keeper = await on.pool.connect()
  await keeper.query('select pg_advisory_lock($1)', [GATE])
  await keeper.query(`
    create or replace function gate() returns trigger language plpgsql as $$ begin
      if (select count(*) from read_access) = ${accesses} then perform pg_advisory_xact_lock_shared(${GATE}); end if;
      return new;
    end $$;
    create or replace trigger gate before insert on read_access for each row execute function gate()`)
  return async () => {
    await keeper.query('select pg_advisory_unlock($1)', [GATE])
    keeper.release()
  }
}
const waitsAtGate = async (): Promise<boolean> => {
  const { rows } = await on.pool.query(
    `select from pg_locks where locktype = 'advisory' and objid = ${GATE} and not granted
     and database = (select oid from pg_database where datname = current_database())`,
  )
  return rows.length === 1
}

/** Kills what waits at the gate, and lets the database find out. */
async function killAtGate(child: ChildProcess, open: () => Promise<void>): Promise<void> {
  await expect.poll(waitsAtGate, KILLED_SESSION).toBe(true)
  await kill(child)
  await open()
  await on.pool.query('drop trigger gate on read_access')
}

runs(
  'killed in the midst of a batch, twice: afterwards the topic’s accesses are held, each once',
  async () => {
    await send(some(2 * BATCH * PARTITIONS))
    for (const after of [BATCH + 150, 4 * BATCH + 7]) {
      const open = await shutAfter(after)
      await killAtGate(startReader(), open)
      expect((await held()).length, 'a batch is held whole or not at all').toBe(after - (after % BATCH))
    }
    startReader()
    const wanted = await onTopic()
    await expect.poll(held, KILLED_SESSION).toEqual(wanted)
    const { places } = await on.held()
    const each = 2 * BATCH
    expect(places?.map((row) => Number((row as { taken: string }).taken))).toEqual([each, each, each])
  },
  180_000,
)

runs(
  'its rebuild is killed half-way: who was erased stays forgotten, and the next start reads the rest',
  async () => {
    const gone = somePid()
    const recorder = { source: 'urn:sightline:northshire', node: 'gateway-1', build: '0.1.0' }
    const erasure = erasureRecord({ recorder, clock: () => new Date() }, gone, PARTITIONS, [])
    const all = 2 * BATCH * PARTITIONS
    const hers = some(PARTITIONS).map((each) => ({ ...each, record: record(released(gone)) }))
    await send([...hers, ...some(all - PARTITIONS, PARTITIONS)])
    await send([{ index: all, partition: 0, record: erasure }])
    const { pool, brokers, topic } = on
    const silent = () => undefined
    await rebuild({ pool, brokers, topic, log: { info: silent, warn: silent, error: silent } })
    const before = await on.held()
    expect(before.accesses).toHaveLength(all - PARTITIONS + 1)

    const open = await shutAfter(BATCH + 150)
    await killAtGate(startRebuild(), open)
    const half = await held()
    expect(half.length).toBeGreaterThanOrEqual(BATCH - 1)
    expect(half.length).toBeLessThan(all / 2)
    expect(await accessesOf(gone), 'nobody can read of her meanwhile').toEqual([])

    startReader()
    await expect.poll(held, KILLED_SESSION).toHaveLength(all - PARTITIONS + 1)
    expect(await on.held()).toEqual(before)
  },
  180_000,
)

async function accessesOf(pid: string): Promise<string[]> {
  const { rows } = await on.pool.query(
    'select event_id from read_access where children && array[$1] and idx < $2',
    [pid, PARTITIONS],
  )
  return rows.map(({ event_id: id }) => id)
}
