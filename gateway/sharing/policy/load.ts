/**
 * Reads a bundle of policies from a folder: schema, policies, agreements, lawful bases, purposes, thresholds, reasons, and the lists of who reads the log and how.
 * Refuses the whole where anything is wrong with any part, and names every fault at once.
 */
import type { z } from 'zod'
import { Refusal } from '../../../schema/refusal.ts'
import { LOG_READERS, logReadersFile, logReadersFrom } from '../../reader/log-readers.ts'
import { SIGNALS, signalsFile } from '../../reports/signal-rules.ts'
import { SUBJECT_ACCESS, subjectAccessFile } from '../../reports/subject-access-rules.ts'
import { agreementFile, agreementOf, overlaps } from './agreement.ts'
import { agreementUse } from './agreement-use.ts'
import type { Policy, PolicyBundle } from './bundle.ts'
import {
  type BundleFile,
  isAgreement,
  readFolder,
  readYaml,
  readYamlIfThere,
  SCHEMA,
  versionOf,
} from './bundle-files.ts'
import { basesFile, purposesFile, reasonsFile, thresholdsFile } from './catalogue.ts'
import { crossCheck } from './cross-check.ts'
import { type Alarm, byAction, decide, prepare } from './decide.ts'
import { readPolicies } from './policy-files.ts'
import { type PolicySchema, readSchema } from './policy-schema.ts'

/**
 * @param dir `policies/`, or a partnership's folder of the same shape
 * @param alarm told of every decision that erred; writes a line to standard error where none is given
 * @throws Refusal `POLICY_BUNDLE_INVALID`, one fault a line, each with its file
 */
export async function loadBundle(dir: string, alarm: Alarm = cryOut): Promise<PolicyBundle> {
  const faults: string[] = []
  const files = await readFolder(dir, faults)
  return bundleFrom(files, alarm, faults)
}

/**
 * @param unread faults of reading the files, told together with those of what they say
 * @throws Refusal `POLICY_BUNDLE_INVALID`, as `loadBundle`
 */
export function bundleFrom(
  files: readonly BundleFile[],
  alarm: Alarm,
  unread: readonly string[] = [],
): PolicyBundle {
  const faults = [...unread]
  const list = <Entry extends { code: string }>(path: string, shape: z.ZodType<Entry[]>) =>
    byCode(path, readYaml(files, path, shape, faults) ?? [], faults)
  const lawfulBases = list('lawful-bases.yaml', basesFile)
  const purposes = list('purposes.yaml', purposesFile)
  const thresholds = list('thresholds.yaml', thresholdsFile)
  const reasons = list('reasons.yaml', reasonsFile)
  const agreements = readAgreements(files, faults)
  const logReaders = logReadersFrom(readYamlIfThere(files, LOG_READERS, logReadersFile, faults))
  const signals = readYamlIfThere(files, SIGNALS, signalsFile, faults)
  const subjectAccess = readYamlIfThere(files, SUBJECT_ACCESS, subjectAccessFile, faults)

  const schemaText = files.find(({ path }) => path === SCHEMA)?.text ?? ''
  const schema = schemaFrom(schemaText, faults)
  let policies: readonly Policy[] = []
  if (schema) {
    const texts = files.filter(({ path }) => path.endsWith('.cedar'))
    policies = readPolicies(texts, schema, schemaText, reasons, faults)
    crossCheck(schema, { lawfulBases, purposes, thresholds, reasons }, agreements, faults, policies)
    for (const policy of policies)
      if (!agreementUse(policy, schema).boundByTerms) faults.push(unbound(policy, texts))
  }
  for (const [one, other] of overlaps(agreements.map(({ agreement }) => agreement)))
    faults.push(`agreements/: \`${one.id}\` and \`${other.id}\` overlap: same source, recipient and days`)

  if (!schema || faults.length > 0) {
    throw new Refusal(
      'POLICY_BUNDLE_INVALID',
      [`the policies cannot be used; ${faults.length} faults:`, ...faults].join('\n- '),
    )
  }
  const version = versionOf(files)
  const index = byAction(
    schema,
    policies.map(({ compiled }) => compiled),
  )
  return {
    version,
    schema,
    schemaText,
    policies: new Map(policies.map((policy) => [policy.id, policy])),
    byAction: index,
    agreements: agreements.map(({ agreement }) => agreement),
    taken: new WeakMap(),
    lawfulBases,
    purposes,
    thresholds,
    ...{ reasons, logReaders, signals, subjectAccess },
    alarm,
    decide: (request) => {
      const decision = decide(index, request.action, prepare(schema, request))
      if (decision.errors.length > 0)
        alarm({ bundle: version, action: request.action, errors: decision.errors })
      return decision
    },
  }
}

const cryOut: Alarm = ({ bundle, action, errors }) => {
  process.stderr.write(
    `policy alarm: \`${action}\` was denied, as these erred: ${errors.join('; ')} (${bundle})\n`,
  )
}

/** Suspending an agreement must never share more, whatever the policies. */
function unbound({ id, file, text }: Policy, files: readonly BundleFile[]): string {
  const [above = ''] = files.find(({ path }) => path === file)?.text.split(text) ?? []
  return `${file}:${above.split('\n').length}: policy \`${id}\` could share more where less is agreed; let a permit ask that the agreement covers the question, or a forbid say \`unless\` it does`
}

function byCode<Entry extends { code: string }>(path: string, entries: readonly Entry[], faults: string[]) {
  const map = new Map<string, Entry>()
  for (const entry of entries) {
    if (map.has(entry.code)) faults.push(`${path}: \`${entry.code}\` is there twice`)
    map.set(entry.code, entry)
  }
  return map
}

function readAgreements(files: readonly BundleFile[], faults: string[]) {
  const read = files
    .filter(({ path }) => isAgreement(path))
    .flatMap(({ path }) => {
      const file = readYaml(files, path, agreementFile, faults)
      return file ? [{ path, agreement: agreementOf(file) }] : []
    })
  const ids = new Map<string, string>()
  for (const { path, agreement } of read) {
    const name = `${agreement.id} version ${agreement.version}`
    const first = ids.get(name)
    if (first) faults.push(`${path}: \`${name}\` is there already, in ${first}`)
    ids.set(name, path)
  }
  return read
}

function schemaFrom(text: string, faults: string[]): PolicySchema | null {
  try {
    return readSchema(text)
  } catch (error) {
    faults.push(`${SCHEMA}: ${error instanceof Error ? error.message : 'it cannot be read'}`)
    return null
  }
}
