/** Reads YAML that people write by hand: every fault is told with its file, its line and what to do about it. */
import { closest, distance } from 'fastest-levenshtein'
import { isMap, isNode, isPair, isScalar, LineCounter, parseDocument } from 'yaml'
import type { z } from 'zod'

export type Path = readonly PropertyKey[]

export interface WithLines<Shape> {
  readonly data: Shape
  /** the line, counted from one, on which the value at a path begins */
  lineOf(path: Path): number
}

/** @returns null where the text is not of the shape; `faults` then has a line for each thing that is wrong */
export function readWithLines<Shape>(
  path: string,
  text: string,
  shape: z.ZodType<Shape>,
  faults: string[],
): WithLines<Shape> | null {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines })
  for (const error of document.errors) {
    const line = error.linePos?.[0].line ?? 1
    faults.push(`${path}:${line}: ${error.message.split('\n')[0]}; compare it with the entry before it`)
  }
  if (document.errors.length > 0) return null
  const lineOf = (where: Path): number => {
    for (let length = where.length; length >= 0; length--) {
      const node = document.getIn(where.slice(0, length), true)
      if (isNode(node) && node.range) return lines.linePos(node.range[0]).line
    }
    return 1
  }
  const lineOfKey = (where: Path, key: string): number => {
    const map = document.getIn(where, true)
    const pair = isMap(map)
      ? map.items.find((item) => isPair(item) && isScalar(item.key) && item.key.value === key)
      : undefined
    const at = isScalar(pair?.key) ? pair.key.range?.[0] : undefined
    return at === undefined ? lineOf(where) : lines.linePos(at).line
  }

  const parsed = shape.safeParse(document.toJS())
  if (parsed.success) return { data: parsed.data, lineOf }
  for (const issue of parsed.error.issues.flatMap(innermost)) {
    if (issue.code === 'unrecognized_keys') {
      for (const key of issue.keys)
        faults.push(
          `${path}:${lineOfKey(issue.path, key)}: \`${key}\` is no key here; policies/README.md lists them`,
        )
    } else faults.push(`${path}:${lineOf(issue.path)}: ${named(issue.path)}${issue.message}`)
  }
  return null
}

type Issue = z.core.$ZodIssue

/** Where a value may have one of several forms, the fault of the form that came nearest. */
function innermost(issue: Issue): Issue[] {
  if (issue.code !== 'invalid_union') return [issue]
  const nearest = issue.errors
    .map((issues) => issues.flatMap(innermost))
    .toSorted((one, other) => depth(other) - depth(one))[0]
  if (!nearest || depth(nearest) === 0) return [issue]
  return nearest.map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] }))
}

/** How far a form was followed before it failed: a key too many counts as having been inside. */
const depth = (issues: readonly Issue[]): number =>
  Math.max(0, ...issues.map((issue) => issue.path.length + (issue.code === 'unrecognized_keys' ? 1 : 0)))

/** The known word that is near, or that begins with what was written; else the words themselves. */
export function meant(word: string, known: readonly string[]): string {
  const near = known.length > 0 ? closest(word, known) : ''
  const likely = near && distance(word, near) <= 3 ? near : known.find((each) => each.startsWith(word))
  return likely ? `did you mean \`${likely}\`?` : `choose one of ${known.join(', ')}`
}

/** The key that is wrong; which entry of a list it is in, the line says. */
const named = (path: Path): string => {
  const keys = path.filter((step) => typeof step === 'string')
  return keys.length > 0 ? `${keys.join('.')}: ` : ''
}
