/** The population sorted by who holds what, as the agencies' systems load it. Kept in memory: a laptop's population. */
import { Refusal } from '../../../schema/refusal.ts'
import type { EastmereFile } from '../population/eastmere-file.ts'
import type { HealthFile } from '../population/health-file.ts'
import { policeTables } from '../population/police-file.ts'
import { type PopulationOptions, population } from '../population/population.ts'
import type { PupilFile } from '../population/school-file.ts'
import { socialCareTables } from '../population/social-care-file.ts'
import type { WelfareFile } from '../population/welfare-file.ts'
import type { Rows } from './agency-database.ts'

export interface Holdings {
  readonly police: readonly (readonly [string, Rows])[]
  readonly childrensServices: readonly (readonly [string, Rows])[]
  readonly hospital: readonly HealthFile[]
  readonly communityHealth: readonly HealthFile[]
  readonly school: readonly PupilFile[]
  readonly college: readonly PupilFile[]
  readonly educationWelfare: readonly WelfareFile[]
  readonly eastmere: readonly EastmereFile[]
  /** NHS numbers about which a person at Eastmere must decide */
  readonly underReview: ReadonlySet<string>
}

/** Above this the two FHIR servers, which keep everything in memory, need more than a laptop has. */
export const MOST_CHILDREN = 20_000

/** @throws Refusal where so many children would not fit; `population/generate.ts` makes as many as wanted, to files */
export function holdingsOf(options: PopulationOptions): Holdings {
  if ((options.children ?? 0) > MOST_CHILDREN)
    throw new Refusal(
      'POPULATION_TOO_LARGE',
      `the agencies' servers hold at most ${MOST_CHILDREN} children; ask for fewer, or write more to files with gateway/local/population/generate.ts`,
    )
  const police = Object.fromEntries(policeTables.map((table) => [table, [] as Rows[number][]]))
  const childrensServices = Object.fromEntries(socialCareTables.map((table) => [table, [] as Rows[number][]]))
  const lists = {
    hospital: [] as HealthFile[],
    communityHealth: [] as HealthFile[],
    school: [] as PupilFile[],
    college: [] as PupilFile[],
    educationWelfare: [] as WelfareFile[],
    eastmere: [] as EastmereFile[],
  }
  const underReview = new Set<string>()
  for (const { child, files, reviewPending } of population(options)) {
    for (const table of policeTables) police[table]?.push(...(files.police?.rows[table] ?? []))
    for (const table of socialCareTables)
      childrensServices[table]?.push(...(files.childrensServices?.rows[table] ?? []))
    if (files.hospital) lists.hospital.push(files.hospital)
    if (files.communityHealth) lists.communityHealth.push(files.communityHealth)
    if (files.school) lists.school.push(files.school)
    if (files.college) lists.college.push(files.college)
    if (files.educationWelfare) lists.educationWelfare.push(files.educationWelfare)
    if (files.eastmere) lists.eastmere.push(files.eastmere)
    if (reviewPending && child.nhsNumber) underReview.add(child.nhsNumber)
  }
  return {
    police: policeTables.map((table) => [table, police[table] ?? []]),
    childrensServices: socialCareTables.map((table) => [table, childrensServices[table] ?? []]),
    ...lists,
    underReview,
  }
}
