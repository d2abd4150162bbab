/** The ports of a local Sightline, all on 127.0.0.1. Refuses to start beside someone who holds one of them. */
import { createServer } from 'node:net'
import { Refusal } from '../../schema/refusal.ts'

export interface LocalPorts {
  gateway: number
  identityProvider: number
  /** one for each of the agencies' servers */
  agencies: number[]
  postgres: number
  agenciesPostgres: number
  kafka: number
  kafkaController: number
  /** one for each agency that watches the log */
  witnesses: number[]
}

/** hospital, community health, school, college, education welfare, the neighbouring authority, and one to spare */
export const AGENCY_PORTS = 7

/** the police's and the council's */
export const WITNESS_PORTS = 2

/** Beneath the ranges from which Linux (32768) and macOS (49152) lend ports to outgoing connections. */
export const LENT_TO_NOBODY = { from: 15_000, until: 32_000 }

/** Ports that are free now. Two runs side by side choose at random; where they must never meet, each is given a share. */
export async function freePorts(): Promise<LocalPorts> {
  const [gateway, identityProvider, postgres, agenciesPostgres, kafka, kafkaController, ...others] =
    await someFree(6 + AGENCY_PORTS + WITNESS_PORTS)
  const [agencies, witnesses] = [others.slice(0, AGENCY_PORTS), others.slice(AGENCY_PORTS)]
  if (!gateway || !identityProvider || !postgres || !agenciesPostgres || !kafka || !kafkaController)
    throw new Error('fewer free ports than were asked for')
  return {
    gateway,
    identityProvider,
    postgres,
    agenciesPostgres,
    kafka,
    kafkaController,
    agencies,
    witnesses,
  }
}

/** What this process was given: until somebody listens there, which takes seconds, a port looks free to the next. */
const given = new Set<number>()

/** @returns so many free ports in a row, none of which this process was given before */
export async function someFree(count: number): Promise<number[]> {
  const { from, until } = shareOfPorts()
  for (;;) {
    if (given.size > (until - from) / 2) throw new Error('fewer free ports than were asked for')
    const first = from + Math.floor(Math.random() * (until - from - count))
    const row = Array.from({ length: count }, (_, index) => first + index)
    if (row.some((port) => given.has(port))) continue
    for (const port of row) given.add(port)
    if ((await Promise.all(row.map(isFree))).every(Boolean)) return row
  }
}

/** `SIGHTLINE_FREE_PORTS` names it, as in `15000-20000`. */
function shareOfPorts(): { from: number; until: number } {
  const [from, until] = (process.env.SIGHTLINE_FREE_PORTS ?? '').split('-').map(Number)
  return from && until ? { from, until } : LENT_TO_NOBODY
}

/** @param wanted port and the setting that moves it; every taken one is named */
export async function refuseTakenPorts(wanted: readonly { port: number; setting: string }[]): Promise<void> {
  const free = await Promise.all(wanted.map(({ port }) => isFree(port)))
  const taken = wanted.filter((_, index) => !free[index])
  if (taken.length === 0) return
  const lines = taken.map(({ port, setting }) => `  port ${port} is taken; set ${setting} to another one`)
  throw new Refusal(
    'PORT_TAKEN',
    `Sightline does not start, because another program listens where it would:\n${lines.join('\n')}`,
  )
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
