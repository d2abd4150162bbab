/**
 * Reads the partnership's custodians from their YAML files. Refuses to start with any fault in any file, and names
 * every fault of every file at once: file, key and what to do.
 */
import { readdir, readFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { z } from 'zod'
import { Refusal } from '../schema/refusal.ts'
import { type CustodianFile, custodianFile } from './custodian-file.ts'
import { dfeCustodianIn } from './dfe-custodians.ts'
import { type Operation, operationIn } from './graphql/operation.ts'
import { pruningFaults } from './graphql/prune.ts'
import { mappingFaults } from './mapping-faults.ts'
import { needsOf } from './needs.ts'
import { type FileFault, isMap, withPreset, yamlIn } from './preset.ts'
import { addressFault, databaseFault, fillIn } from './setting.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/** A custodian's file, checked, with its settings filled in. */
export interface ReadCustodian {
  readonly file: CustodianFile
  /** for the kind `graphql` only */
  readonly operation: Operation | null
}

/** @throws Refusal `CUSTODIANS_INVALID` that names every fault */
export async function readCustodians(
  folders: readonly string[],
  env: Environment,
): Promise<readonly ReadCustodian[]> {
  const faults: string[] = []
  const found: ReadCustodian[] = []
  const names = new Map<string, string>()
  for (const folder of folders) {
    const listed = await readdir(folder).catch(() => null)
    if (listed === null)
      faults.push(`${folder}: cannot be read; name a folder with one .yaml file per custodian`)
    for (const name of (listed ?? []).filter((each) => /\.(ya?ml|json)$/.test(each)).sort()) {
      const path = join(folder, name)
      const read = await readCustodian(path, env)
      faults.push(
        ...read.faults.map(
          ({ key, remedy }) => `${basename(path)}: ${key === '' ? '' : `${key}: `}${remedy}`,
        ),
      )
      if (read.custodian === null) continue
      const { id } = read.custodian.file
      const other = names.get(id)
      if (other !== undefined)
        faults.push(`${name}: id: \`${id}\` is the id in ${other} as well; give each its own`)
      names.set(id, name)
      found.push(read.custodian)
    }
  }
  if (faults.length === 0) return found
  throw new Refusal(
    'CUSTODIANS_INVALID',
    `${faults.length} to put right in the custodians' files:\n${faults.join('\n')}`,
  )
}

interface Outcome {
  readonly custodian: ReadCustodian | null
  readonly faults: readonly FileFault[]
}
const faulty = (...faults: readonly FileFault[]): Outcome => ({ custodian: null, faults })

async function readCustodian(path: string, env: Environment): Promise<Outcome> {
  const written = path.endsWith('.json') ? await dfeCustodianIn(path) : await yamlIn(path)
  if (written === null) return faulty()
  if ('faults' in written) return faulty(...written.faults)
  const whole = await withPreset(written.content)
  if ('faults' in whole) return faulty(...whole.faults)
  const parsed = custodianFile.safeParse(whole.content)
  if (!parsed.success) return faulty(...parsed.error.issues.map(faultOfIssue))
  const { filled: file, missing } = fillConnection(parsed.data, env)
  const faults: FileFault[] = missing.map((name) => ({
    key: 'connection',
    remedy: `set \`${name}\` in the environment`,
  }))
  if (file.kind === 'none') return { custodian: { file, operation: null }, faults }
  faults.push(...mappingFaults(file))
  if (missing.length === 0) faults.push(...addressFaults(file.connection))
  const operation = file.kind === 'graphql' ? await operationBeside(path, file, faults) : null
  return { custodian: { file, operation }, faults }
}

function fillConnection(
  file: CustodianFile,
  env: Environment,
): { filled: CustodianFile; missing: readonly string[] } {
  if (file.kind === 'none') return { filled: file, missing: [] }
  const { filled, missing } = fillIn(file.connection, env)
  return { filled: { ...file, connection: filled } as CustodianFile, missing }
}

/** Every address among the settings, by its key. */
function addressFaults(connection: object, path = 'connection'): readonly FileFault[] {
  return Object.entries(connection).flatMap(([key, value]: [string, unknown]) => {
    const at = `${path}.${key}`
    if (isMap(value)) return addressFaults(value, at)
    if (typeof value !== 'string' || !/url$/i.test(key)) return []
    const fault =
      at === 'connection.url' && /^postgres/.test(value)
        ? databaseFault(value, 'tls' in connection)
        : addressFault(value)
    return fault === null ? [] : [{ key: at, remedy: `the address ${fault}` }]
  })
}

async function operationBeside(
  path: string,
  file: Extract<CustodianFile, { kind: 'graphql' }>,
  faults: FileFault[],
): Promise<Operation | null> {
  const text = await readFile(join(dirname(path), file.operation), 'utf8').catch(() => null)
  const operation = text === null ? { fault: 'cannot be read beside this file' } : operationIn(text)
  if ('fault' in operation) {
    faults.push({ key: 'operation', remedy: `${file.operation} ${operation.fault}` })
    return null
  }
  const { variables } = operation
  const number = file.nhsNumberVariable
  if (!variables.includes(number))
    faults.push({ key: 'operation', remedy: `${file.operation} does not declare \`$${number}\`` })
  for (const variable of variables.filter((name) => name !== number))
    faults.push({ key: 'operation', remedy: `${file.operation}: nothing fills \`$${variable}\`` })
  if (file.fieldSelection === 'none') return operation
  const { needs, faults: doubts } = needsOf(file)
  faults.push(...doubts, ...pruningFaults(operation, file.operation, needs))
  return operation
}

function faultOfIssue(issue: z.core.$ZodIssue): FileFault {
  const key = issue.path.map(String).join('.')
  if (issue.code === 'invalid_type')
    return { key, remedy: /undefined$/.test(issue.message) ? 'is missing' : `must be a ${issue.expected}` }
  if (issue.code !== 'unrecognized_keys') return { key, remedy: issue.message }
  const keys = issue.keys.map((each) => `\`${each}\``).join(', ')
  return { key, remedy: `take ${keys} out; nothing here is called that (see adapters/README.md)` }
}
