/** The files of a bundle: which are read, how their YAML is checked, and what their version is. */
import { createHash } from 'node:crypto'
import { readdir, readFile, stat } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { parseDocument } from 'yaml'
import type { z } from 'zod'

export interface BundleFile {
  /** path within the bundle's folder, with forward slashes */
  readonly path: string
  readonly text: string
}

export const SCHEMA = 'schema.cedarschema'

/**
 * In order of path. Other files of the folder, such as a README, are no part of the bundle.
 * @param faults receives a line for the folder or a file that cannot be read; such a file is not among the result
 */
export async function readFolder(dir: string, faults: string[]): Promise<BundleFile[]> {
  const names = await namesIn(dir)
  if (!names) faults.push('the folder of policies cannot be read')
  const files = await Promise.all(
    (names ?? []).filter(isOfBundle).map(async (path) => {
      const text = await readFile(join(dir, path), 'utf8').catch(() => null)
      if (text === null) faults.push(`${path}: the file cannot be read`)
      return text === null ? [] : [{ path, text }]
    }),
  )
  return files.flat()
}

/** Which files of the bundle, and of `besides`, are there, and whether one may have changed since. */
export interface FolderMark {
  readonly text: string
  /** when the youngest of them was written, in milliseconds since 1970 */
  readonly youngest: number
}

/** Name, size and times of every file: another mark says that something was written, without reading it. */
export async function markFolder(dir: string, besides: readonly string[] = []): Promise<FolderMark> {
  const names = ((await namesIn(dir)) ?? []).filter((path) => isOfBundle(path) || besides.includes(path))
  const marks = await Promise.all(
    names.map(async (path) => {
      const found = await stat(join(dir, path)).catch(() => null)
      return { line: `${path} ${found?.size} ${found?.mtimeMs} ${found?.ctimeMs}`, at: found?.mtimeMs ?? 0 }
    }),
  )
  return {
    text: marks.map(({ line }) => line).join('\n'),
    youngest: Math.max(0, ...marks.map(({ at }) => at)),
  }
}

async function namesIn(dir: string): Promise<string[] | null> {
  const names = await readdir(dir, { recursive: true }).catch(() => null)
  return names === null ? null : names.map((name) => name.split(sep).join('/')).sort()
}

/** What an editor or a mounted volume keeps for itself begins with a dot. */
const isOfBundle = (path: string): boolean =>
  !/(^|\/)\./.test(path) && (path === SCHEMA || path.endsWith('.cedar') || isData(path))

const isData = (path: string): boolean =>
  /^(lawful-bases|purposes|thresholds|reasons|review-reasons|log-readers|signals|subject-access)\.yaml$/.test(
    path,
  ) || isAgreement(path)

export const isAgreement = (path: string): boolean => /^agreements\/.+\.yaml$/.test(path)

/** Lists that a bundle of before may not have: null where the file is not there. Else as `readYaml`. */
export const readYamlIfThere = <Shape>(
  files: readonly BundleFile[],
  path: string,
  shape: z.ZodType<Shape>,
  faults: string[],
): Shape | null => (files.some((file) => file.path === path) ? readYaml(files, path, shape, faults) : null)

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
