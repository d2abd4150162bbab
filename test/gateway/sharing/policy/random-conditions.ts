/** Random well-typed Cedar policies over the declared attributes: more of the language than today's policies use. */

import { pick, type Random } from '../../../../gateway/policy-workbench/draw.ts'
import type { PolicySchema } from '../../../../gateway/sharing/policy/policy-schema.ts'
import { instants } from './random-request.ts'

export function randomConditions(schema: PolicySchema, random: Random, count: number): string[] {
  const code = (type: string) => `${type}::"${pick(random, [...(schema.codes.get(type)?.keys() ?? [])])}"`
  const codes = (type: string) => `[${[0, 1, 2].map(() => code(type)).join(', ')}]`
  const compare = () => pick(random, ['<', '<=', '>', '>=', '==', '!='])
  const set = (): [string, string] =>
    pick(random, [
      ['resource.labels', 'Label'],
      ['resource.handling', 'Handling'],
      ['principal.roles', 'Role'],
      ['context.bases', 'LawfulBasis'],
    ])
  const agreed = () =>
    pick(random, [
      'resource.agreement.suspended',
      `context.now ${compare()} resource.agreement.${pick(random, ['starts', 'expires'])}`,
      'resource.agreement.bases.containsAll(context.bases)',
      'resource.agreement.purposes.contains(context.purpose)',
      'resource.agreement.recordTypes.contains(resource.recordType)',
    ])
  const leaf = (): string =>
    pick(random, [
      () => pick(random, ['context.consent', 'context.caseLive', 'principal.macptMember', 'true', 'false']),
      () => `principal.vetting ${compare()} ${Math.floor(random() * 4)}`,
      () => `context.now ${compare()} datetime("${pick(random, [...instants, '2027-06-01'])}")`,
      () => `context.threshold ${pick(random, ['==', '!='])} ${code('Threshold')}`,
      () => `resource.recordType == ${code('RecordType')}`,
      () => `${codes('Purpose')}.contains(context.purpose)`,
      () => {
        const [attribute, type] = set()
        return pick(random, [
          `${attribute}.contains(${code(type)})`,
          `${attribute}.containsAny(${codes(type)})`,
          `${attribute}.containsAll(${codes(type)})`,
          `${codes(type)}.containsAll(${attribute})`,
          `${attribute}.isEmpty()`,
          `${attribute} ${pick(random, ['==', '!='])} ${codes(type)}`,
        ])
      },
      () => `principal.agency ${pick(random, ['==', '!='])} resource.agency`,
      () => `"northshire-police" == resource.custodian`,
      () => pick(random, ['resource has agreement', 'resource has agreement.suspended']),
      () => `(resource has agreement && ${agreed()})`,
      agreed, // unguarded: errs where there is no agreement
    ])()
  const condition = (depth: number): string =>
    depth === 0
      ? leaf()
      : pick(random, [
          () => `(${condition(depth - 1)} && ${condition(depth - 1)})`,
          () => `(${condition(depth - 1)} || ${condition(depth - 1)})`,
          () => `!(${condition(depth - 1)})`,
          () => `(if ${condition(depth - 1)} then ${condition(depth - 1)} else ${condition(depth - 1)})`,
          leaf,
        ])()
  const head = () =>
    pick(random, [
      'action',
      'action in Action::"any"',
      'action in [Action::"read", Action::"fields"]',
      'action == Action::"location-partial"',
    ])
  return Array.from({ length: count }, () => {
    const effect = random() < 0.5 ? 'permit' : 'forbid'
    const resource = pick(random, ['resource', 'resource is Record'])
    const unless = random() < 0.5 ? ` unless { ${condition(2)} }` : ''
    return `${effect} (principal, ${head()}, ${resource}) when { ${condition(3)} } when { ${condition(2)} }${unless};`
  })
}
