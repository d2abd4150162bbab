/**
 * Brings up the fictional agencies of Northshire: two databases and six or seven servers, each with its own address,
 * credentials and access log. In this process, or apart in one of its own (`apart`). Everything listens on loopback.
 */
import { Refusal } from '../../../schema/refusal.ts'
import type { AccessEntry } from './access-log.ts'
import { startApart } from './apart.ts'
import { startSystems } from './systems.ts'
import { CHILDRENS_SERVICES_DATABASE, POLICE_DATABASE, type SystemsPlan } from './systems-plan.ts'

/** What is needed of the PostgreSQL that the agencies' databases are in; `gateway/local/postgres.ts` gives it. */
export interface AgenciesPostgres {
  url(database: string): string
  /** @returns false where it was there already */
  createDatabase(database: string): Promise<boolean>
}

export interface AgenciesOptions {
  /** credentials and access logs are kept in it */
  readonly dataDir: string
  readonly agenciesPostgres: AgenciesPostgres
  /** of the tokens that the health providers accept */
  readonly issuer: string
  /** hospital, community health, school, college, education welfare, Eastmere, DfE; a missing one is a free port */
  readonly ports?: readonly number[]
  readonly seed: number
  readonly children: number
  /** ISO date on which the population stands still */
  readonly today?: string
  /** folders of custodian files in the DfE's format */
  readonly dfeFolders?: readonly string[]
  /** in a process of their own, so that they do not share an event loop with the gateway */
  readonly apart?: boolean
}

export interface Agencies {
  /** every setting with which the gateway reaches them */
  readonly env: Readonly<Record<string, string>>
  /** what that custodian was asked, oldest first; where `apart`, an entry may arrive a moment after the answer */
  log(custodianId: string): AccessEntry[]
  stop(): Promise<void>
}

export async function startAgencies(options: AgenciesOptions): Promise<Agencies> {
  const { agenciesPostgres } = options
  await agenciesPostgres.createDatabase(POLICE_DATABASE)
  await agenciesPostgres.createDatabase(CHILDRENS_SERVICES_DATABASE)
  const plan: SystemsPlan = {
    dataDir: options.dataDir,
    issuer: options.issuer,
    ports: options.ports ?? [],
    seed: options.seed,
    children: options.children,
    today: options.today ?? null,
    dfeFolders: options.dfeFolders ?? [],
    databases: {
      police: agenciesPostgres.url(POLICE_DATABASE),
      childrensServices: agenciesPostgres.url(CHILDRENS_SERVICES_DATABASE),
    },
  }
  const logs = new Map<string, AccessEntry[]>()
  const note = (custodian: string, entry: AccessEntry) => {
    const list = logs.get(custodian)
    if (list === undefined) logs.set(custodian, [entry])
    else list.push(entry)
  }
  const systems = options.apart ? await startApart(plan, note) : await startSystems(plan, note)
  return {
    env: systems.env,
    log(custodianId) {
      if (!systems.custodians.includes(custodianId))
        throw new Refusal('CUSTODIAN_UNKNOWN', `no agency started here is \`${custodianId}\``)
      return [...(logs.get(custodianId) ?? [])]
    },
    stop: systems.stop,
  }
}
