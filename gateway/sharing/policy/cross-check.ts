/** Whether the parts of a bundle speak of the same things: a code that one has and another lacks is a fault. */

import { closest, distance } from 'fastest-levenshtein'
import { thresholds } from '../../../schema/access-reason.ts'
import { decidedGroups, partialGroups } from '../../../schema/data-group.ts'
import { relations } from '../../../schema/record.ts'
import { sectors } from '../../../schema/record-type.ts'
import { recordTypes } from '../../../schema/record-types.ts'
import type { Agreement } from './agreement.ts'
import type { Policy, PolicyBundle } from './bundle.ts'
import { SCHEMA } from './bundle-files.ts'
import { gatewayReasons } from './catalogue.ts'
import { agencyOf } from './house-rules.ts'
import type { PolicySchema } from './policy-schema.ts'

type Lists = Pick<PolicyBundle, 'lawfulBases' | 'purposes' | 'thresholds' | 'reasons'>

/**
 * @param lists one that is empty could not be read: its own faults are told already, and it is left out here
 * @param faults receives a line for each code that is known in one place and not in another
 */
export function crossCheck(
  schema: PolicySchema,
  lists: Lists,
  agreements: readonly { readonly path: string; readonly agreement: Agreement }[],
  faults: string[],
  policies: readonly Policy[],
): void {
  checkSchema(schema, faults)
  checkAgencies(policies, new Set(agreements.map(({ agreement }) => agreement.source.agency)), faults)
  for (const { path, agreement } of agreements) checkAgreement(path, agreement, schema, faults)
  const { lawfulBases, purposes, thresholds: levels, reasons } = lists
  const codes = (type: string) => schema.codes.get(type)?.keys()
  const matches = (type: string, list: ReadonlyMap<string, unknown>, file: string) => {
    if (list.size > 0) same(`${SCHEMA}: ${type}`, codes(type), list.keys(), file, faults)
  }
  matches('LawfulBasis', lawfulBases, 'lawful-bases.yaml')
  matches('Purpose', purposes, 'purposes.yaml')
  matches('Threshold', levels, 'thresholds.yaml')

  const functions = [...lawfulBases.values()]
    .filter(({ kind }) => kind === 'function')
    .map(({ code }) => code)
  const areFunctions = (where: string, given: readonly string[]) => {
    if (functions.length > 0) within(where, given, functions, faults)
  }
  for (const { code, ...purpose } of purposes.values()) {
    within(`purposes.yaml: ${code}.thresholds`, purpose.thresholds, codes('Threshold'), faults)
    within(`purposes.yaml: ${code}.roles`, purpose.roles, codes('Role'), faults)
    areFunctions(`purposes.yaml: ${code}.functions`, purpose.functions)
  }
  for (const { code, ...level } of levels.values())
    areFunctions(`thresholds.yaml: ${code}.functions`, level.functions)
  for (const code of reasons.size > 0 ? gatewayReasons : [])
    if (!reasons.get(code)?.words)
      faults.push(`reasons.yaml: the gateway gives \`${code}\`, which has no words`)
}

/** The words of the policies are those of the ground floor: a record type or a group that one lacks is a fault. */
function checkSchema({ codes, actions }: PolicySchema, faults: string[]): void {
  const names = recordTypes.map(({ name }) => name)
  same(`${SCHEMA}: RecordType`, codes.get('RecordType')?.keys(), names, 'schema/record-types.ts', faults)
  same(`${SCHEMA}: Sector`, codes.get('Sector')?.keys(), sectors, 'schema/record-type.ts', faults)
  same(`${SCHEMA}: Relation`, codes.get('Relation')?.keys(), relations, 'schema/record.ts', faults)
  same(
    `${SCHEMA}: Threshold`,
    codes.get('Threshold')?.keys(),
    Object.values(thresholds),
    'schema/access-reason.ts',
    faults,
  )
  const asked = [
    'know',
    'read',
    'tell-why',
    ...decidedGroups,
    ...partialGroups.map((group) => `${group}-partial`),
  ]
  same(`${SCHEMA}: action`, actions, asked, 'schema/data-group.ts', faults)
}

function checkAgreement(path: string, agreement: Agreement, { codes }: PolicySchema, faults: string[]): void {
  within(`${path}: recordTypes`, agreement.recordTypes, codes.get('RecordType')?.keys(), faults)
  within(`${path}: purposes`, agreement.purposes, codes.get('Purpose')?.keys(), faults)
  within(`${path}: bases`, agreement.bases, codes.get('LawfulBasis')?.keys(), faults)
  within(`${path}: thresholds`, agreement.thresholds, codes.get('Threshold')?.keys(), faults)
}

/** An agency is one that shares by some agreement; its name is its own, in its folder and in no other policy. */
function checkAgencies(policies: readonly Policy[], agencies: ReadonlySet<string>, faults: string[]): void {
  const folders = new Map(policies.map(({ file }) => [agencyOf(file), file]))
  for (const [agency, file] of folders) {
    if (agency === null || agencies.has(agency)) continue
    const near = agencies.size > 0 ? closest(agency, [...agencies]) : ''
    const meant = near && distance(agency, near) <= 3 ? `did you mean \`${near}\`?` : 'no agreement names it'
    faults.push(`${file}: \`${agency}\` is no agency that shares by an agreement; ${meant}`)
  }
  for (const { id, file } of policies) {
    const [owner = ''] = id.split('.')
    if (agencies.has(owner) && agencyOf(file) !== owner)
      faults.push(`${file}: the id \`${id}\` begins with the name of an agency, outside agencies/${owner}/`)
  }
}

function within(
  where: string,
  given: Iterable<string>,
  known: Iterable<string> = [],
  faults: string[],
): void {
  const allowed = new Set(known)
  for (const code of given) if (!allowed.has(code)) faults.push(`${where}: \`${code}\` is not known`)
}

function same(
  where: string,
  one: Iterable<string> = [],
  other: Iterable<string>,
  there: string,
  faults: string[],
): void {
  const [here, elsewhere] = [new Set(one), new Set(other)]
  for (const code of here) if (!elsewhere.has(code)) faults.push(`${where}: \`${code}\` is not in ${there}`)
  for (const code of elsewhere)
    if (!here.has(code)) faults.push(`${where}: \`${code}\` of ${there} is missing`)
}
