/**
 * Reads the `*.cedar` files of a bundle: parsed, validated strictly by Cedar, annotated as the house demands,
 * compiled. Every fault is told with its file, line and policy; none is passed over.
 */
import { createHash } from 'node:crypto'
import {
  type PolicyJson,
  policySetTextToParts,
  policyToJson,
  validate,
} from '@cedar-policy/cedar-wasm/nodejs'
import { Refusal } from '../../../schema/refusal.ts'
import { canonicalJson } from '../../canonical-json.ts'
import type { Policy } from './bundle.ts'
import type { BundleFile } from './bundle-files.ts'
import type { Reason } from './catalogue.ts'
import { compilePolicy } from './compile.ts'
import { readNotes } from './house-rules.ts'
import type { PolicySchema } from './policy-schema.ts'

/** A policy as it stands in its file, before anything is known to be right with it. */
interface Draft {
  readonly path: string
  readonly line: number
  readonly text: string
  readonly json: PolicyJson
}

/** @param faults receives a line for each fault; the result is whole only where none was added */
export function readPolicies(
  files: readonly BundleFile[],
  schema: PolicySchema,
  schemaText: string,
  reasons: ReadonlyMap<string, Reason>,
  faults: string[],
): readonly Policy[] {
  const drafts = files.flatMap((file) => draftsOf(file, faults))
  const named = new Map<string, Draft>()
  for (const draft of drafts) {
    const id = draft.json.annotations?.id
    const first = id ? named.get(id) : undefined
    if (!id) faults.push(`${placeOf(draft)}: a policy without \`@id\``)
    else if (!/^[a-z0-9-]+(\.[a-z0-9-]+)+$/.test(id))
      faults.push(
        `${placeOf(draft)}: the id \`${id}\` must be words joined by dots, such as access.own-agency`,
      )
    if (id && first) faults.push(`${placeOf(draft)}: the id \`${id}\` is taken by ${placeOf(first)}`)
    else named.set(id || placeOf(draft), draft)
  }
  validateStrictly(named, schemaText, faults)
  return [...named].flatMap(([id, draft]) => policyFrom(id, draft, schema, reasons, faults) ?? [])
}

function draftsOf(file: BundleFile, faults: string[]): Draft[] {
  const parts = policySetTextToParts(file.text)
  if (parts.type === 'failure') {
    for (const error of parts.errors) {
      const at = error.sourceLocations?.[0]
      const line = at ? lineAt(file.text, at.start) : 1
      faults.push(`${file.path}:${line}: ${error.message}${at?.label ? ` (${at.label})` : ''}`)
    }
    return []
  }
  for (const template of parts.policy_templates)
    faults.push(`${file.path}:${lineOf(file.text, template)}: a template; write the policy out instead`)
  return parts.policies.flatMap((text) => {
    const answer = policyToJson(text)
    const line = lineOf(file.text, text)
    if (answer.type === 'success') return [{ path: file.path, line, text, json: answer.json }]
    faults.push(`${file.path}:${line}: ${answer.errors.map((error) => error.message).join('; ')}`)
    return []
  })
}

/** Cedar's own warnings, such as a policy that can never hold, are faults here. */
function validateStrictly(drafts: ReadonlyMap<string, Draft>, schemaText: string, faults: string[]): void {
  const staticPolicies = Object.fromEntries([...drafts].map(([id, draft]) => [id, draft.text]))
  const answer = validate({
    validationSettings: { mode: 'strict' },
    schema: schemaText,
    policies: { staticPolicies },
  })
  if (answer.type === 'failure') {
    for (const error of answer.errors) faults.push(`schema.cedarschema: ${error.message}`)
    return
  }
  for (const { policyId, error } of [...answer.validationErrors, ...answer.validationWarnings]) {
    const draft = drafts.get(policyId)
    faults.push(
      `${draft ? placeOf(draft) : policyId}: ${error.message}${error.help ? ` (${error.help})` : ''}`,
    )
  }
}

function policyFrom(
  id: string,
  draft: Draft,
  schema: PolicySchema,
  reasons: ReadonlyMap<string, Reason>,
  faults: string[],
): Policy | null {
  const { json, path, text } = draft
  let compiled: Policy['compiled'] | null = null
  try {
    compiled = compilePolicy(id, json, schema)
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    faults.push(`${placeOf(draft)}: ${error.message}`)
  }
  const notes = readNotes({ id, path, json, compiled }, schema, reasons, (fault) =>
    faults.push(`${placeOf(draft)}: policy \`${id}\` ${fault}`),
  )
  if (!compiled) return null
  const hash8 = createHash('sha256').update(canonicalJson(json)).digest('hex').slice(0, 8)
  return { id, ...notes, file: path, text, hash8, compiled }
}

const placeOf = (draft: Draft): string => `${draft.path}:${draft.line}`
const lineOf = (text: string, part: string): number => text.slice(0, text.indexOf(part)).split('\n').length
/** Cedar counts bytes. */
const lineAt = (text: string, byte: number): number =>
  Buffer.from(text).subarray(0, byte).toString().split('\n').length
