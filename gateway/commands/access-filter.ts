/** The options by which a command says which accesses it means. Refuses what is no day and no decision. */
import { type Command, Option } from 'commander'
import type { AccessDecision, AccessFilter } from '../../schema/read-access.ts'
import { Refusal } from '../../schema/refusal.ts'
import { isDay } from '../sharing/policy/uk-day.ts'

export interface Period {
  readonly from?: string | undefined
  readonly until?: string | undefined
}

export const withPeriod = (command: Command): Command =>
  command
    .option('--from <day>', 'the first day, such as 2026-04-01; the first there is where not given')
    .option('--until <day>', 'the last day; today where not given')

const DECISIONS: Readonly<Record<string, AccessDecision>> = {
  released: 'RELEASED',
  denied: 'DENIED',
  failed: 'FAILED',
  'no-outcome': 'NO_OUTCOME',
  erasure: 'ERASURE',
}

export interface FilterOptions extends Period {
  readonly child?: string
  readonly practitioner?: string
  readonly agency?: string
  readonly basis?: string
  readonly purpose?: string
  readonly agreement?: string
  readonly decision?: string
}

export const withFilter = (command: Command): Command =>
  withPeriod(
    command
      .option('--child <child>', 'her pseudonym, or her NHS number, which is turned into it and not kept')
      .option(
        '--practitioner <who>',
        'who asked: her name in the register, or as the identity provider names her',
      )
      .option('--agency <agency>', 'its people asked, or its systems were asked')
      .option('--basis <code>', 'of policies/lawful-bases.yaml')
      .option('--purpose <code>', 'of policies/purposes.yaml')
      .option('--agreement <id>', 'of an agreement')
      .addOption(new Option('--decision <decision>', 'what it came to').choices(Object.keys(DECISIONS))),
  )

/** @throws Refusal DAY_WRONG */
export const periodOf = ({ from, until }: Period): Pick<AccessFilter, 'from' | 'until'> => ({
  ...(from === undefined ? {} : { from: dayGiven(from) }),
  ...(until === undefined ? {} : { until: dayGiven(until) }),
})

export const childOf = (child: string): AccessFilter =>
  child.startsWith('p-') ? { child } : { nhsNumber: child }

export function filterOf(options: FilterOptions): AccessFilter {
  const { child, practitioner, agency, basis, purpose, agreement, decision } = options
  return {
    ...(child === undefined ? {} : childOf(child)),
    ...(decision === undefined ? {} : { decision: DECISIONS[decision] ?? null }),
    practitioner: practitioner ?? null,
    agency: agency ?? null,
    basis: basis ?? null,
    purpose: purpose ?? null,
    agreement: agreement ?? null,
    ...periodOf(options),
  }
}

function dayGiven(text: string): string {
  if (isDay(text)) return text
  throw new Refusal('DAY_WRONG', `\`${text}\` is no day; give one such as 2026-04-01`)
}
