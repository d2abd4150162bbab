/**
 * A long time of load on a real ledger, while gateways, PostgreSQL and Kafka are killed at moments drawn from a seed.
 * A share of the accesses comes over HTTP from a whole gateway, and the others, which are appended as a gateway appends
 * them, wait for that share. Both write into one ledger, and their relays take turns. At the end it is counted what was
 * shown and is not on record: nothing.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'
import { connectKafka } from '../../gateway/ledger/kafka-topic.ts'
import { openRelay } from '../../gateway/ledger/relay.ts'
import { noteSigner } from '../../gateway/ledger/tree/signed-note.ts'
import { ourProgram } from '../../gateway/local/part.ts'
import { seeded } from '../../gateway/policy-workbench/draw.ts'
import { ownCluster } from '../gateway/ledger/cluster.ts'
import type { Partners } from '../setup/partners.ts'
import { gatewayProcess } from './gateway-process.ts'
import { type Reckoning, reckon } from './reckoning.ts'
import { threeBrokers } from './three-brokers.ts'

/** What a worker is told; all that a gateway is told of its ledger. */
export interface SoakedLedger {
  readonly databaseUrl: string
  readonly topic: string
  readonly brokers: readonly string[]
  readonly partitions: number
  readonly replicationFactor: number
  readonly origin: string
  /** base64 */
  readonly signingKey: string
  readonly checkpointFile: string
}

export interface SoakPlan {
  /** ends once so many were shown, so many kills were made and Kafka is back */
  readonly accesses: number
  readonly kills: number
  /** ends at the latest after so many minutes of load */
  readonly minutes: number
  /** seconds for which Kafka is away, once, in the middle */
  readonly outage: number
  readonly seed: number
  /** the parts that whole gateways need; without them no access comes over HTTP */
  readonly partners: Partners | null
  /** of all accesses, 0 to 1, that must come over HTTP; counts where there are partners */
  readonly httpShare: number
  readonly say: (words: string) => void
}

export interface SoakFigures extends Reckoning {
  /** that somebody was shown, over HTTP or by a receipt */
  readonly accesses: number
  /** answers of a whole gateway, each read to its end */
  readonly overHttp: number
  /** receipts of the append path alone: no question was asked and nothing was shown for them */
  readonly appended: number
  readonly kills: Readonly<Record<Victim, number>>
  /** under load, as measured */
  readonly kafkaOutageSeconds: number
  /** codes of what was refused meanwhile, and how often */
  readonly refused: Readonly<Record<string, number>>
  readonly loadMinutes: number
  readonly drainMinutes: number
  readonly seed: number
}

type Victim = 'ledger process' | 'PostgreSQL' | 'gateway' | 'broker'

const HTTP_CALLERS = 48 // an answer keeps the pace of its custodians, so that few callers get few a second
const HTTP_REFUSED_WAIT = 100 // milliseconds before somebody who got no answer asks again
const WEIGH_EVERY = 20 // milliseconds
const SAY_EVERY = 5_000 // milliseconds

export async function soak(plan: SoakPlan): Promise<SoakFigures> {
  const { partners, say } = plan
  const random = seeded(plan.seed)
  const [cluster, three] = await Promise.all([ownCluster(['-c', 'max_wal_size=512MB']), threeBrokers()])
  const signingKey = randomBytes(32)
  const ledger: SoakedLedger = {
    databaseUrl: await cluster.ledgerDatabase('soak'),
    topic: 'sightline.soak.v1',
    brokers: three.brokers,
    partitions: 3,
    replicationFactor: 3,
    origin: 'northshire.sightline',
    signingKey: signingKey.toString('base64'),
    checkpointFile: join(cluster.folder, 'checkpoint'),
  }
  const shown: string[] = []
  const refused: Record<string, number> = {}
  const kills: Record<Victim, number> = { 'ledger process': 0, PostgreSQL: 0, gateway: 0, broker: 0 }
  let overHttp = 0
  let going = true

  const hear = (line: string) => {
    if (!line.startsWith('!')) return shown.push(line)
    refused[line.slice(1)] = (refused[line.slice(1)] ?? 0) + 1
    return shown.length
  }
  let worker: ChildProcess | null = null
  /** A whole answer costs a hundred times an append: left alone, appending would be nearly all. */
  const aheadOfHttp = () => partners !== null && overHttp < plan.httpShare * shown.length
  const weighing = setInterval(() => worker?.stdin?.write(aheadOfHttp() ? 'wait\n' : 'go\n'), WEIGH_EVERY)
  /** A worker that ends, killed or for want of a database, is started again. */
  async function workers(): Promise<void> {
    while (going) {
      const program = ourProgram(new URL('./soak-worker.ts', import.meta.url), JSON.stringify(ledger))
      const child = spawn(program.command, program.args, { stdio: ['pipe', 'pipe', 'ignore'] })
      child.stdin.on('error', () => undefined) // it was killed
      worker = child
      const lines = createInterface({ input: child.stdout })
      lines.on('line', hear)
      await once(lines, 'close') // what it said before it was killed is still read
      if (going) await pause(100)
    }
  }

  const gateway =
    partners &&
    (await gatewayProcess(partners, ledger.databaseUrl, {
      KAFKA_BROKERS: ledger.brokers.join(','),
      KAFKA_TOPIC: ledger.topic,
      KAFKA_REPLICATION: '3',
      LEDGER_SIGNING_KEY: ledger.signingKey,
      LEDGER_ORIGIN: ledger.origin,
      LEDGER_CHECKPOINT_FILE: ledger.checkpointFile,
    }))
  let gatewayStarts: Promise<unknown> = Promise.resolve()
  /** A gateway does not start while its database is down; it is tried until it does. */
  const startGateway = async () => {
    while (going && gateway)
      try {
        return await gateway.start()
      } catch {
        await pause(500)
      }
  }
  async function overHttpAsk(): Promise<void> {
    while (going && gateway) {
      const reply = await gateway.ask().catch(() => null)
      if (reply?.status === 200) {
        overHttp++
        hear(reply.body.extensions.sightline.eventId)
        continue
      }
      if (reply) hear(`!${reply.status} ${reply.body.errors?.[0]?.extensions?.code}`)
      await pause(HTTP_REFUSED_WAIT)
    }
  }

  async function strike(): Promise<void> {
    const dice = random()
    if (dice < 0.48) {
      worker?.kill('SIGKILL')
      kills['ledger process']++
    } else if (dice < 0.93 || !gateway) {
      kills.PostgreSQL++
      await cluster.postgres.kill()
      await cluster.postgres.start()
    } else if (dice < 0.97) {
      kills.gateway++
      await gatewayStarts
      await gateway.kill()
      gatewayStarts = startGateway()
    } else if (!away) {
      kills.broker++
      const broker = three.others[random() < 0.5 ? 0 : 1]
      await broker.kafka.kill()
      await broker.kafka.start()
    }
  }
  let away = false
  let awaySeconds = 0
  async function outage(): Promise<void> {
    away = true
    await three.killAll()
    const began = Date.now()
    while (going && awaySeconds < plan.outage) {
      await pause(200)
      awaySeconds = (Date.now() - began) / 1_000
    }
    await three.startAll()
    away = false
  }

  const start = Date.now()
  const minutes = () => (Date.now() - start) / 60_000
  const killed = () => Object.values(kills).reduce((sum, n) => sum + n, 0)
  const progress = () =>
    say(
      `${minutes().toFixed(1)} min  ${overHttp} shown over HTTP  ${shown.length - overHttp} appended  ${killed()} kills${away ? '  Kafka is away' : ''}`,
    )
  const saying = setInterval(progress, SAY_EVERY)
  const enough = () =>
    minutes() >= plan.minutes || (shown.length >= plan.accesses && killed() >= plan.kills && !away)
  try {
    await startGateway()
    const load = [workers(), ...Array.from({ length: gateway ? HTTP_CALLERS : 0 }, overHttpAsk)]
    let outages: Promise<unknown> | null = null
    while (!enough()) {
      const due = ((killed() + random()) * plan.accesses) / plan.kills
      while (!enough() && (shown.length < due || killed() >= plan.kills)) await pause(20)
      if (!enough()) await strike()
      if (plan.outage > 0 && outages === null && killed() >= plan.kills / 2) outages = outage()
    }
    going = false
    clearInterval(weighing)
    ;(worker as ChildProcess | null)?.stdin?.end()
    await Promise.all([...load, outages, gatewayStarts])
    await gateway?.end()
    clearInterval(saying)
    const loadMinutes = minutes()
    say(`the load ends after ${loadMinutes.toFixed(1)} min with ${shown.length} accesses; Kafka catches up`)

    const signer = noteSigner('log', ledger.origin, signingKey)
    await caughtUp(ledger, signer, say)
    const drainMinutes = minutes() - loadMinutes
    say('everything is read again from ledger, Kafka and an export')
    const pool = cluster.pool(ledger.databaseUrl)
    const kafka = connectKafka({ brokers: [...ledger.brokers] })
    const reckoning = await reckon({
      ...{ pool, kafka, shown, topic: ledger.topic, log: signer },
      within: 20 * 60_000,
    })
    return {
      accesses: shown.length,
      overHttp,
      appended: shown.length - overHttp,
      kills,
      kafkaOutageSeconds: awaySeconds,
      refused,
      loadMinutes,
      drainMinutes,
      seed: plan.seed,
      ...reckoning,
    }
  } finally {
    going = false
    clearInterval(saying)
    clearInterval(weighing)
    ;(worker as ChildProcess | null)?.kill('SIGKILL')
    await gateway?.end()
    await Promise.all([cluster.end(), three.end()])
  }
}

/** The same relay as in a gateway, until nothing waits any more. */
async function caughtUp(
  { databaseUrl, topic, brokers, partitions, replicationFactor, checkpointFile }: SoakedLedger,
  signer: ReturnType<typeof noteSigner>,
  say: SoakPlan['say'],
): Promise<void> {
  const heard = (about: object, words: string) => say(`${words} ${JSON.stringify(about)}`)
  const relay = await openRelay({
    ...{ databaseUrl, topic, brokers, partitions, replicationFactor },
    signing: { signer, clock: () => new Date(), file: checkpointFile },
    log: { info: () => undefined, warn: heard, error: heard },
    alerts: { raise: (fault) => heard(fault, 'alert'), mended: () => undefined },
  })
  try {
    for (let rounds = 0; ; rounds++) {
      const { count } = await relay.waiting()
      if (count === 0) return
      if (rounds % 25 === 0) say(`${count} wait for Kafka`)
      await pause(200)
    }
  } finally {
    await relay.close()
  }
}
