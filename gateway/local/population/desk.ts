/**
 * One child's files at every agency, each opened when an agency first has cause to write. An agency that never has
 * cause holds nothing, and its file stays null.
 */
import { at, daysBefore } from './calendar.ts'
import { type EastmereFile, openEastmereFile } from './eastmere-file.ts'
import { type HealthFile, openHealthFile } from './health-file.ts'
import type { IdentityHeld } from './identity-held.ts'
import type { Child, Household } from './person.ts'
import { associate, openPoliceFile, type PoliceFile } from './police-file.ts'
import { hollybank, openPupilFile, type PupilFile, westvale } from './school-file.ts'
import { openSocialCareFile, type SocialCareFile } from './social-care-file.ts'
import { openWelfareFile, type WelfareFile } from './welfare-file.ts'

export const agencies = [
  'police',
  'childrensServices',
  'hospital',
  'communityHealth',
  'school',
  'college',
  'educationWelfare',
  'eastmere',
] as const
export type AgencyName = (typeof agencies)[number]

export interface Files {
  police: PoliceFile | null
  childrensServices: SocialCareFile | null
  hospital: HealthFile | null
  communityHealth: HealthFile | null
  school: PupilFile | null
  college: PupilFile | null
  educationWelfare: WelfareFile | null
  eastmere: EastmereFile | null
}

export interface Desk {
  readonly child: Child
  readonly household: Household
  readonly today: string
  readonly files: Files
  police(): PoliceFile
  childrensServices(): SocialCareFile
  hospital(): HealthFile
  communityHealth(): HealthFile
  school(): PupilFile
  college(): PupilFile
  educationWelfare(): WelfareFile
  eastmere(): EastmereFile
}

/** @param identityAt whom that agency believes the child to be; asked once per agency */
export function desk(
  child: Child,
  household: Household,
  today: string,
  identityAt: (agency: AgencyName) => IdentityHeld,
): Desk {
  const yesterday = daysBefore(today, 1)
  const files: Files = {
    police: null,
    childrensServices: null,
    hospital: null,
    communityHealth: null,
    school: null,
    college: null,
    educationWelfare: null,
    eastmere: null,
  }
  const { serial } = child
  const openPolice = () => {
    const file = openPoliceFile(serial, identityAt('police'), at(yesterday, '04:00'))
    associate(file, household, serial, at(yesterday, '04:00'))
    return file
  }
  const openHealth = (prefix: string, agency: 'hospital' | 'communityHealth') =>
    openHealthFile(prefix, serial, identityAt(agency), household, at(yesterday, '23:15'))
  return {
    child,
    household,
    today,
    files,
    police: () => (files.police ??= openPolice()),
    childrensServices: () =>
      (files.childrensServices ??= openSocialCareFile(
        serial,
        identityAt('childrensServices'),
        household,
        yesterday,
      )),
    hospital: () => (files.hospital ??= openHealth('RNS', 'hospital')),
    communityHealth: () => (files.communityHealth ??= openHealth('NCH', 'communityHealth')),
    school: () => (files.school ??= openPupilFile(hollybank, serial, identityAt('school'), household, today)),
    college: () =>
      (files.college ??= openPupilFile(westvale, serial, identityAt('college'), household, today)),
    educationWelfare: () =>
      (files.educationWelfare ??= openWelfareFile(serial, identityAt('educationWelfare'))),
    eastmere: () => (files.eastmere ??= openEastmereFile(serial, identityAt('eastmere'), household)),
  }
}
