/**
 * The first gate: whether a bundle could go live at all. Reads it as the gateway would, and tells every fault at once
 * with file, line and remedy. Looks also at what the gateway does not need: examples, and policies that never decide.
 */
import { recordTypes } from '../../schema/record-types.ts'
import { Refusal } from '../../schema/refusal.ts'
import type { PolicyBundle } from '../sharing/policy/bundle.ts'
import { loadBundle } from '../sharing/policy/load.ts'
import { readCast, type Staged, stage } from './cast.ts'
import { readExamples } from './example-file.ts'
import { notFoundDeciding } from './reach.ts'
import { onlyOnce, withRemedy } from './remedy.ts'
import { readSurvivors } from './survivors.ts'

export interface Checked {
  /** null where it cannot be loaded */
  readonly bundle: PolicyBundle | null
  /** examples that could be read */
  readonly staged: readonly Staged[]
  /** one line each: file, line, what is wrong, what to do */
  readonly faults: readonly string[]
}

/** @param dir `policies/`, or a partnership's folder of the same shape */
export async function checkBundle(dir: string): Promise<Checked> {
  const { bundle, staged, faults } = await readAll(dir)
  if (!bundle) return { bundle, staged, faults }
  const unreached = notFoundDeciding(bundle).map((id) => {
    const policy = bundle.policies.get(id)
    return `${policy?.file}: \`${id}\`: no question was found that it decides; do its conditions exclude each other, or does another rule always come first?`
  })
  return { bundle, staged, faults: [...faults, ...ungrouped(bundle), ...unreached] }
}

/** The bundle and its examples, without the search for policies that never decide. */
export async function readAll(dir: string): Promise<Checked> {
  const faults: string[] = []
  const [bundle, cast, examples] = [
    await load(dir, faults),
    await readCast(dir, faults),
    await readExamples(dir, faults).catch(() => []),
  ]
  await readSurvivors(dir, faults)
  return { bundle, staged: bundle && cast ? stage(bundle, cast, examples, faults) : [], faults }
}

async function load(dir: string, faults: string[]): Promise<PolicyBundle | null> {
  try {
    return await loadBundle(dir, () => {})
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    const told = onlyOnce(error.message.split('\n- ').slice(1))
    faults.push(...(await Promise.all(told.map((fault) => withRemedy(dir, fault)))))
    return null
  }
}

/** Fields of record types whose group no policy could decide. */
function ungrouped({ schema }: PolicyBundle): string[] {
  return recordTypes.flatMap(({ name, fields }) =>
    Object.entries(fields)
      .filter(([, { group }]) => group !== 'envelope' && !schema.actions.has(group))
      .map(
        ([field, { group }]) =>
          `schema.cedarschema: \`${name}.${field}\` belongs to the group \`${group}\`, which is no action here; declare it among the fields`,
      ),
  )
}

/** One line for a bundle that is whole. */
export function summary({ bundle, staged }: Checked): string {
  if (!bundle) return 'the bundle could not be read'
  const policies = [...bundle.policies.values()]
  const permits = policies.filter(({ compiled }) => compiled.effect === 'permit').length
  return `bundle ${bundle.version.slice(0, 19)} is whole: ${policies.length} policies (${permits} permits, ${policies.length - permits} forbids), ${bundle.agreements.length} agreements, ${bundle.lawfulBases.size} lawful bases, ${bundle.purposes.size} purposes, ${bundle.reasons.size} reasons, ${staged.length} examples`
}

export const counted = (faults: number): string => (faults === 1 ? '1 fault' : `${faults} faults`)
