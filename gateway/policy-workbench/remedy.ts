/** What to do about a fault of a bundle, and where it is: the loader says what is wrong, this adds line and remedy. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isNode, LineCounter, parseDocument } from 'yaml'
import { meant } from './yaml-lines.ts'

/** Tried in order; the first that fits is told. A fault that already says what to do fits none. */
const REMEDIES: readonly (readonly [RegExp, string])[] = [
  [/the folder of policies cannot be read/, 'check the path given to --dir'],
  [/the file is missing/, 'put it back: every bundle needs it'],
  [/without `@id`/, 'write @id("concern.name") above it, such as @id("fields.triage")'],
  [/must be words joined by dots/, 'use lower-case words, a dot between concern and name'],
  [/the id `.*` is taken by/, 'give one of the two another @id'],
  [/an annotation `.*` that nothing reads/, 'use @id, @title, @reason, @disclose or @review'],
  [/has no `@title`/, 'write @title("…") above it'],
  [/forbids without `@reason`/, 'write @reason("CODE") above it, with a code of reasons.yaml'],
  [/which reasons.yaml lacks/, 'add the code with its words to reasons.yaml, or use one that is there'],
  [/forbids without `@disclose/, 'say who may be told the reason'],
  [/which has no words in reasons.yaml/, 'give it words there, or say @disclose("ig")'],
  [/is never to be disclosed, and yet/, 'let it forbid Action::"any", or say @disclose("ig")'],
  [/cannot tell the subject why/, 'say @disclose("ig") or @disclose("never")'],
  [/can keep back its own records here/, 'write forbid; what the agency shares stands in its agreement'],
  [/has an id that does not begin with/, 'put the name of the folder before it'],
  [/does not begin with `when \{ resource\.agency/, 'make this the first of its conditions'],
  [/no agreement names it/, 'name the folder as the agreement writes the agency'],
  [/begins with the name of an agency/, 'move the rule into that folder, or rename it'],
  [/without a line `unless/, 'write it as a line of its own'],
  [/looks at `resource\.reviewed` without/, 'write @review("agency") above it'],
  [/a template; write/, 'replace ?principal and ?resource by conditions'],
  [/overlap: same source/, 'end one before the other starts, or give them different recipients'],
  [/is there (twice|already)/, 'remove or rename one of the two'],
  [/is not known|that is no code/, 'spell it as schema.cedarschema lists it'],
  [/attribute `.*` (for|on|in|not)/, 'spell it as schema.cedarschema declares it'],
  [
    /unable to guarantee safety of access to optional/,
    'ask first whether it is there: `resource has agreement &&`',
  ],
  [
    /impossible|never (be )?(true|apply)|always false/,
    'two of its conditions exclude each other; mend or remove it',
  ],
  [/unrecognized action|unrecognised action|action/, 'use know, read, tell-why or a group of fields'],
  [
    /unexpected (token|end)|invalid token|poorly formed/,
    'look for a missing bracket, quotation mark or semicolon',
  ],
  [/which Sightline does not evaluate/, 'write the condition another way'],
  [/^lawful-bases|^purposes|^thresholds|^reasons|^agreements/, 'compare the entry with the ones beside it'],
]

/** A fault of the loader, such as `fields.cedar:12: …`, with its line where it lacks one, and with its remedy. */
export async function withRemedy(dir: string, fault: string): Promise<string> {
  const located = inReadersWords(await withLine(dir, fault))
  const remedy = REMEDIES.find(([pattern]) => pattern.test(fault))?.[1]
  return remedy ? `${located}; ${remedy}` : located
}

/** Cedar lists every code that there is; the one that was meant is enough. */
function inReadersWords(fault: string): string {
  const code = /entity `(\w+)::"([^`]*)"` is of an enumerated entity type.*valid entity eids: (.*)\)$/s.exec(
    fault,
  )
  if (!code) return fault
  const [whole, type = '', given = '', listed = ''] = code
  const known = listed.split(', ').map((id) => id.slice(1, -1))
  return `${fault.replace(whole, '')}\`${given.replaceAll('\\', '')}\` is no ${type}; ${meant(given, known)}`
}

/** Faults of one place that say the same in other words: told once. */
export const onlyOnce = (faults: readonly string[]): readonly string[] => {
  const unlisted = faults.filter((fault) => fault.includes('is of an enumerated entity type')).map(placeOf)
  return faults.filter(
    (fault) => !(fault.includes('a value that is no code') && unlisted.includes(placeOf(fault))),
  )
}

const placeOf = (fault: string): string => fault.split(':').slice(0, 2).join(':')

/** A fault such as `reasons.yaml: THIRD_PARTY.words: …` names a key or a word; the line is where that is. */
async function withLine(dir: string, fault: string): Promise<string> {
  const [, path, key, rest] =
    /^([a-zA-Z0-9/_-]+\.(?:yaml|cedarschema|cedar)): ([^:]+)(:? .*|:.*|)$/s.exec(fault) ?? []
  if (!path || key === undefined) return fault
  const text = await readFile(join(dir, path), 'utf8').catch(() => null)
  if (text === null) return fault
  const line = path.endsWith('.yaml') ? lineOfKey(text, key) : lineOfWord(text, key, rest ?? '')
  return `${path}:${line}: ${key}${rest ?? ''}`
}

function lineOfKey(text: string, key: string): number {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines })
  const data: unknown = document.toJS()
  const code = /^`([^`]+)`/.exec(key)?.[1]
  const steps = code ? [code] : key.split('.')
  if (Array.isArray(data)) {
    const [first = ''] = steps
    const counted = /^entry (\d+)$/.exec(first)?.[1]
    const index = counted ? Number(counted) - 1 : data.findLastIndex((entry) => entry?.code === first)
    steps[0] = String(index)
  }
  for (let length = steps.length; length > 0; length--) {
    const node = document.getIn(
      steps.slice(0, length).map((step) => (/^\d+$/.test(step) ? Number(step) : step)),
      true,
    )
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line
  }
  return 1
}

/** The first line of a file in Cedar that holds the word which the fault is about. */
function lineOfWord(text: string, key: string, rest: string): number {
  const word = /`([^`]+)`/.exec(`${rest} ${key}`)?.[1] ?? key
  const at = text.split('\n').findIndex((line) => line.includes(word) || line.includes(`entity ${key} `))
  return at + 1 || 1
}
