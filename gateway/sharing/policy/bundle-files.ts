/** The files of a bundle: which are read, how their YAML is checked, and what their version is. */
import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { parseDocument } from 'yaml'
import type { z } from 'zod'

export interface BundleFile {
  /** path within the bundle's folder, with forward slashes */
  readonly path: string
  readonly text: string
}

export const SCHEMA = 'schema.cedarschema'

/** In order of path. Other files of the folder, such as a README, are no part of the bundle. */
export async function readFolder(dir: string, faults: string[]): Promise<BundleFile[]> {
  const names = await readdir(dir, { recursive: true }).catch(() => {
    faults.push('the folder of policies cannot be read')
    return []
  })
  const paths = names
    .map((name) => name.split(sep).join('/'))
    .filter((path) => path === SCHEMA || path.endsWith('.cedar') || isData(path))
    .sort()
  return Promise.all(paths.map(async (path) => ({ path, text: await readFile(join(dir, path), 'utf8') })))
}

const isData = (path: string): boolean =>
  /^(lawful-bases|purposes|thresholds|reasons)\.yaml$/.test(path) || /^agreements\/.+\.yaml$/.test(path)

/** @returns null where the file is missing or wrong; each of its faults is named by key */
export function readYaml<Shape>(
  files: readonly BundleFile[],
  path: string,
  shape: z.ZodType<Shape>,
  faults: string[],
): Shape | null {
  const file = files.find((candidate) => candidate.path === path)
  if (!file) {
    faults.push(`${path}: the file is missing`)
    return null
  }
  const document = parseDocument(file.text)
  for (const error of document.errors) {
    const line = error.linePos?.[0].line ?? 1
    faults.push(`${path}:${line}: ${error.message.split('\n')[0]}`)
  }
  if (document.errors.length > 0) return null
  const data: unknown = document.toJS()
  const parsed = shape.safeParse(data)
  if (parsed.success) return parsed.data
  for (const issue of parsed.error.issues)
    faults.push(`${path}: ${keyOf(issue.path, data)}: ${issue.message}`)
  return null
}

/** Where a fault is: an entry of a list by its code where it has one, else counted from one. */
function keyOf(path: readonly PropertyKey[], data: unknown): string {
  if (path.length === 0) return 'the whole'
  const [first, ...rest] = path
  if (!Array.isArray(data) || typeof first !== 'number') return path.join('.')
  const code: unknown = data[first]?.code
  return [typeof code === 'string' ? code : `entry ${first + 1}`, ...rest].join('.')
}

/** One hash over every path and content, so that any change of any file is another bundle. */
export function versionOf(files: readonly BundleFile[]): string {
  const hash = createHash('sha256')
  for (const { path, text } of files)
    hash.update(`${path} ${createHash('sha256').update(text).digest('hex')}\n`)
  return `sha256:${hash.digest('hex')}`
}
