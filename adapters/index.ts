/**
 * Connects every custodian that the partnership's files name. What leaves this folder is checked; what goes wrong
 * with one custodian is its reply, never an exception, and never another's.
 */
import { Refusal } from '../schema/refusal.ts'
import { type Environment, type ReadCustodian, readCustodians } from './configuration.ts'
import type { Connection, Custodian, CustodianQuestion, CustodianReply } from './contract.ts'
import type { ConnectedFile, CustodianFile } from './custodian-file.ts'
import { faultOf, untilAborted } from './fault.ts'
import { fhirSystem } from './fhir/system.ts'
import { graphqlSystem } from './graphql/system.ts'
import { receive } from './receive.ts'
import { restSystem } from './rest/system.ts'
import { sqlSystem } from './sql/system.ts'
import type { System } from './system.ts'

export interface ConnectOptions {
  /** each holds one file per custodian; no two custodians of one id */
  readonly folders: readonly string[]
  /** for settings (`${NAME}`) */
  readonly env: Environment
  /** milliseconds; for custodians whose file gives none */
  readonly deadlineMs?: number
  readonly clock?: () => Date
}

export interface Custodians {
  readonly connections: readonly Connection[]
  /** in the partnership, with nothing to ask: `NOT_CONNECTED` */
  readonly unconnected: readonly Custodian[]
}

const USUAL_DEADLINE = 3_000 // milliseconds; as the gateway's own

/**
 * @throws Refusal `CUSTODIANS_INVALID` with every fault of every file; `CUSTODIAN_NOT_READ_ONLY` where a role that we
 * were given could change an agency's data. A custodian that is down is connected all the same: its replies say so.
 */
export async function connectCustodians(options: ConnectOptions): Promise<Custodians> {
  const { env, folders, deadlineMs = USUAL_DEADLINE, clock = () => new Date() } = options
  const read = await readCustodians(folders, env)
  const connected = read.flatMap(({ file, operation }) => {
    if (file.kind === 'none') return []
    const system = systemFor({ file, operation }, file.deadlineMs ?? deadlineMs, clock)
    return [{ file, system, connection: connectionTo(file, system) }]
  })
  const proofs = await Promise.all(
    connected.map(async ({ file, system }) => ({ id: file.id, power: await system.proveReadOnly() })),
  )
  const powers = proofs.filter(({ power }) => power !== null).map(({ id, power }) => `${id}: ${power}`)
  if (powers.length > 0) {
    await Promise.all(connected.map(({ connection }) => connection.close()))
    throw new Refusal(
      'CUSTODIAN_NOT_READ_ONLY',
      `the role that we were given could change data; ask the agency for one that can only select:\n${powers.join('\n')}`,
    )
  }
  return {
    connections: connected.map(({ connection }) => connection),
    unconnected: read.flatMap(({ file }) => (file.kind === 'none' ? [custodianOf(file)] : [])),
  }
}

function systemFor(
  { file, operation }: ReadCustodian & { file: ConnectedFile },
  deadlineMs: number,
  clock: () => Date,
): System {
  switch (file.kind) {
    case 'sql':
      return sqlSystem(file, deadlineMs)
    case 'fhir':
      return fhirSystem(file, clock)
    case 'rest':
      return restSystem(file, clock)
    case 'graphql':
      if (operation === null) throw new Error(`${file.id} was read without its operation`)
      return graphqlSystem(file, operation, clock)
  }
}

export function connectionTo(file: ConnectedFile, system: System): Connection {
  const custodian = custodianOf(file)
  return {
    custodian,
    async ask(question: CustodianQuestion): Promise<CustodianReply> {
      try {
        const answer = await untilAborted(question.signal, () => system.ask(onlyHeld(custodian, question)))
        if (answer.kind === 'under-review') return answer
        return receive(
          {
            system: file.system ?? file.id,
            recordTypes: question.recordTypes.map(({ name }) => name),
            nhsNumber: question.nhsNumber,
          },
          answer,
        )
      } catch (error) {
        const { kind, message } = faultOf(error)
        return { kind: 'fault', fault: kind, detail: message }
      }
    },
    close: () => system.close(),
  }
}

/** What the custodian cannot give is not asked of it. */
const onlyHeld = ({ recordTypes }: Custodian, question: CustodianQuestion): CustodianQuestion => ({
  ...question,
  recordTypes: question.recordTypes.filter(({ name }) => recordTypes.includes(name)),
})

export function custodianOf(file: CustodianFile): Custodian {
  const { id, name, agency, sector, contact } = file
  if (file.kind === 'none')
    return {
      ...{ id, name, agency, sector, contact },
      recordTypes: [],
      deadlineMs: null,
      freshWithinHours: null,
      identityEvidence: 'demographics',
      isPlace: false,
    }
  const { deadlineMs, freshWithinHours, identityEvidence, isPlace } = file
  return {
    ...{ id, name, agency, sector, contact, deadlineMs, freshWithinHours, identityEvidence, isPlace },
    recordTypes: Object.keys(file.records),
  }
}
