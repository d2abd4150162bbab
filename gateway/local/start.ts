/**
 * What `npm start` runs: the whole of Sightline on this machine, until Ctrl-C. It leaves no process behind, and keeps
 * its data in one folder. Refuses taken ports and wrong settings before anything starts.
 */
import { mkdir, rm } from 'node:fs/promises'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { Refusal } from '../../schema/refusal.ts'
import { readConfig } from '../config.ts'
import { waitingAccesses } from '../ledger/waiting.ts'
import { openStore } from '../store.ts'
import { placesIn, type Running, refuseWhileRunning, resetDataFolder, writePrivately } from './data-folder.ts'
import { portsInUse, readLocalSettings } from './local-settings.ts'
import { stopEveryPart } from './part.ts'
import { PERSONAS } from './personas.ts'
import { refuseTakenPorts } from './ports.ts'
import { type Stack, startStack } from './stack.ts'

const USAGE = `npm start [-- options]
  --reset             begin with fresh data
  --custodians <dir>  connect the custodians described in this folder as well (may be given again)
  --shadow <dir>      run a candidate's policies beside the live ones; no answer changes, differences are logged`

/** Maya, a child whom several agencies know: gateway/local/population */
const CHILD_TO_TRY = '9990000018'
const WATCH_EVERY = 500 // milliseconds

let stack: Stack | undefined
let stopping = false
let dataDir: string | undefined

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stopOn(signal))
watchNpm()

try {
  await main()
} catch (error) {
  if (!stopping) {
    stopping = true
    console.error(error instanceof Refusal ? error.message : error)
    await stopAll()
    process.exit(1)
  }
}

async function main(): Promise<void> {
  const options = readOptions()
  if (options.help) return console.log(USAGE)
  const settings = readLocalSettings(process.env)
  await refuseWhileRunning(settings.dataDir)
  await refuseTakenPorts(portsInUse(settings, process.env))
  dataDir = settings.dataDir
  if (options.reset) await resetDataFolder(dataDir)
  await mkdir(dataDir, { recursive: true })
  console.log(`Starting Sightline; its data and logs are in ${dataDir}`)
  stack = await startStack({
    ...settings,
    kafka: true,
    gateway: true,
    env: options.shadow ? { ...process.env, POLICY_SHADOW_DIR: options.shadow } : process.env,
    custodians: options.custodians,
    today: new Date().toISOString().slice(0, 10),
    say: (words) => console.log(words),
  })
  // A part that ends by itself has failed; the others would only hide it.
  void stack.gateway?.ended.then(() => {
    if (stopping) return
    console.error(`the gateway has ended by itself; see ${placesIn(settings.dataDir).logs}`)
    stopOn('SIGTERM')
  })
  const { gatewayUrl, issuer, audience } = stack
  const running: Running = {
    gatewayUrl,
    issuer,
    audience,
    pid: process.pid,
    startedAt: new Date().toISOString(),
  }
  await writePrivately(placesIn(dataDir).running, running)
  console.log(welcome(stack, await waitingIn(stack)))
}

/** @returns how many accesses Kafka does not have yet; null where that cannot be said */
async function waitingIn({ gatewayEnv }: Stack): Promise<number | null> {
  const config = readConfig({ ...process.env, ...gatewayEnv })
  const pool = openStore({ connectionString: config.DATABASE_URL, max: 1 })
  try {
    return (await waitingAccesses(pool, config.KAFKA_TOPIC)).count
  } catch {
    return null
  } finally {
    await pool.end()
  }
}

interface Options {
  readonly reset: boolean
  readonly help: boolean
  readonly custodians: string[]
  readonly shadow: string | undefined
}

function readOptions(): Options {
  try {
    const { values } = parseArgs({
      options: {
        reset: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
        custodians: { type: 'string', multiple: true, default: [] },
        shadow: { type: 'string' },
      },
    })
    const from = process.env.INIT_CWD ?? process.cwd() // npm changes folder; the person did not
    const { shadow } = values
    return {
      ...values,
      custodians: values.custodians.map((folder) => resolve(from, folder)),
      shadow: shadow === undefined ? undefined : resolve(from, shadow),
    }
  } catch (error) {
    throw new Refusal('OPTION_UNKNOWN', `${error instanceof Error ? error.message : error}\n${USAGE}`)
  }
}

function stopOn(signal: NodeJS.Signals): void {
  // A second Ctrl-C does not wait: the guards of the parts end them.
  if (stopping) process.exit(1)
  stopping = true
  console.log('\nstopping')
  void stopAll().finally(() => process.exit(signal === 'SIGINT' ? 130 : 0))
}

/** Whoever kills npm means us: it may die without passing the signal on. */
function watchNpm(): void {
  const npm = process.ppid
  if (process.env.npm_lifecycle_event !== 'start') return
  setInterval(() => process.ppid === npm || stopping || stopOn('SIGTERM'), WATCH_EVERY).unref()
}

async function stopAll(): Promise<void> {
  await stack?.stop()
  await stopEveryPart()
  if (dataDir && stack) await rm(placesIn(dataDir).running, { force: true })
}

function welcome({ gatewayUrl, kafkaMissing }: Stack, waiting: number | null): string {
  const personas = PERSONAS.flatMap(({ id, name, organisation, shows }) => [
    `  ${id.padEnd(18)} ${name}, ${organisation}`,
    `  ${''.padEnd(18)} shows ${shows}`,
  ])
  const accesses = waiting === 1 ? '1 access' : `${waiting ?? 'an unknown number of'} accesses`
  return [
    '',
    `Sightline is ready at ${gatewayUrl}`,
    kafkaMissing
      ? `Kafka is left out (missing: ${kafkaMissing}). Accesses are recorded all the same; waiting for Kafka: ${accesses}.`
      : `Waiting for Kafka: ${accesses}.`,
    '',
    'Personas to try; all are invented:',
    ...personas,
    '',
    'Paste one of these into another terminal:',
    '  npx sightline token lcpp',
    `  npx sightline picture ${CHILD_TO_TRY} --as lcpp --purpose s47-enquiry`,
    `  curl ${gatewayUrl}/health/ready`,
    '',
    'Ctrl-C stops everything.',
  ].join('\n')
}
