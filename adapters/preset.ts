/**
 * Reads a custodian's YAML, and lays it over the preset that it names: what many custodians have in common. Refuses a
 * preset that is not in `presets/`.
 */
import { readdir, readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { parseDocument } from 'yaml'
import { recordTypeNamed } from '../schema/record-types.ts'

/** Where in the file, and what to do about it. */
export interface FileFault {
  readonly key: string
  readonly remedy: string
}

const PRESETS = join(import.meta.dirname, 'presets')

export type Written = { readonly content: unknown } | { readonly faults: readonly FileFault[] }

export async function yamlIn(path: string): Promise<Written> {
  const text = await readFile(path, 'utf8').catch(() => null)
  if (text === null) return { faults: [{ key: '', remedy: 'cannot be read' }] }
  const document = parseDocument(text, { prettyErrors: true })
  if (document.errors.length > 0)
    return {
      faults: document.errors.map((error) => ({
        key: '',
        remedy: `is not YAML: ${firstLine(error.message)}`,
      })),
    }
  return { content: document.toJS({ maxAliasCount: 20 }) as unknown }
}

/** What the file says goes before what its preset says. Record types of other sectors are left out of a preset. */
export async function withPreset(content: unknown): Promise<Written> {
  if (!isMap(content))
    return { faults: [{ key: '', remedy: 'must hold keys and values; see adapters/README.md' }] }
  const { preset, ...own } = content
  if (preset === undefined) return { content: own }
  const listed = (await readdir(PRESETS))
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => basename(name, '.yaml'))
  if (typeof preset !== 'string' || !listed.includes(preset))
    return { faults: [{ key: 'preset', remedy: `use one of ${listed.join(', ')}` }] }
  const base = await yamlIn(join(PRESETS, `${preset}.yaml`))
  if ('faults' in base || !isMap(base.content)) return base
  const { records, ...rest } = base.content
  const fitting = Object.entries(isMap(records) ? records : {}).filter(([name]) =>
    ['person', own.sector].includes(recordTypeNamed(name)?.sector),
  )
  const chosen = isMap(own.records) ? Object.entries(own.records) : []
  const merged = new Map([...fitting, ...chosen]) // a record type is taken whole from one of the two
  for (const [name, rule] of chosen) if (rule === null) merged.delete(name)
  return { content: { ...merge(rest, own), records: Object.fromEntries(merged) } }
}

function merge(
  base: Readonly<Record<string, unknown>>,
  own: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const merged: Record<string, unknown> = { ...base }
  for (const [key, value] of Object.entries(own)) {
    const before = merged[key]
    merged[key] = isMap(before) && isMap(value) ? merge(before, value) : value
  }
  return merged
}

const firstLine = (text: string) => text.split('\n')[0] ?? ''

export const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
