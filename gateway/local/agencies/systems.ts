/** The agencies' systems in this process: fills the databases where they are not filled, and starts every server. */
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { at, DEFAULT_TODAY, daysBefore } from '../population/calendar.ts'
import { hollybank, westvale } from '../population/school-file.ts'
import { type AccessEntry, accessLog } from './access-log.ts'
import { fillDatabase, type Rows } from './agency-database.ts'
import { credentialsIn } from './credentials.ts'
import { openDatabaseFront } from './database-front.ts'
import { readDfeFolders } from './dfe.ts'
import { startDfe } from './dfe-server.ts'
import { startEastmere } from './eastmere-server.ts'
import { startEducationWelfare } from './education-welfare-server.ts'
import { startHealthProvider } from './fhir-server.ts'
import { holdingsOf } from './holdings.ts'
import { startSchool } from './school-server.ts'
import { CHILDRENS_SERVICES_DATABASE, POLICE_DATABASE, type SystemsPlan } from './systems-plan.ts'

export interface Systems {
  readonly env: Readonly<Record<string, string>>
  /** ids of those that were started */
  readonly custodians: readonly string[]
  stop(): Promise<void>
}

const DFE_CLIENT = 'sightline'
const HOSPITAL_AUDIENCE = 'https://northshire-hospital.example/fhir'
const COMMUNITY_HEALTH_AUDIENCE = 'https://northshire-community-health.example/fhir'

export async function startSystems(
  plan: SystemsPlan,
  note: (custodian: string, entry: AccessEntry) => void,
): Promise<Systems> {
  await mkdir(join(plan.dataDir, 'access-logs'), { recursive: true })
  const credentials = await credentialsIn(plan.dataDir)
  const today = plan.today ?? DEFAULT_TODAY
  const yesterday = daysBefore(today, 1)
  const { seed, children, dataDir, issuer } = plan
  const held = holdingsOf({ seed, children, today })
  const custodians: string[] = []
  const running: { stop(): Promise<void> }[] = []
  const clock = () => new Date()
  const logOf = (custodian: string) => {
    custodians.push(custodian)
    const file = join(dataDir, 'access-logs', `${custodian}.ndjson`)
    return accessLog(clock, file, (entry) => note(custodian, entry))
  }
  const up = async <T extends { stop(): Promise<void> }>(starting: Promise<T>): Promise<T> => {
    const started = await starting
    running.push(started)
    return started
  }
  const stop = async () => {
    await Promise.all(running.map((one) => one.stop()))
  }
  const [hospital = 0, communityHealth = 0, school = 0, college = 0, welfare = 0, eastmere = 0, dfe = 0] =
    plan.ports

  try {
    const police = await up(
      openAgencyDatabase({
        url: plan.databases.police,
        database: POLICE_DATABASE,
        ddl: 'police.sql',
        base: 'rms',
        shared: 'partner_share',
        tables: [...held.police, currency(at(yesterday, '04:00'), '2008-04-01')],
        reader: { name: 'partner_share_reader', password: credentials.policeReader },
        log: logOf('northshire-police'),
      }),
    )
    const socialCare = await up(
      openAgencyDatabase({
        url: plan.databases.childrensServices,
        database: CHILDRENS_SERVICES_DATABASE,
        ddl: 'childrens-services.sql',
        base: 'ccm',
        shared: 'partner_views',
        tables: [...held.childrensServices, currency(at(yesterday, '18:00'), '2010-01-01')],
        reader: { name: 'partner_views_reader', password: credentials.childrensServicesReader },
        log: logOf('northshire-childrens-services'),
      }),
    )
    const health = { issuer, asOf: at(yesterday, '23:15') }
    const general = await up(
      startHealthProvider({
        ...health,
        port: hospital,
        name: 'Northshire General Hospital',
        authority: 'RNS',
        audience: HOSPITAL_AUDIENCE,
        files: held.hospital,
        log: logOf('northshire-hospital'),
      }),
    )
    const community = await up(
      startHealthProvider({
        ...health,
        port: communityHealth,
        name: 'Northshire Community Health',
        authority: 'NCH',
        audience: COMMUNITY_HEALTH_AUDIENCE,
        files: held.communityHealth,
        log: logOf('northshire-community-health'),
      }),
    )
    const education = { asOf: at(yesterday, '17:05'), recordsFrom: '2014-09-01' }
    const primary = await up(
      startSchool({
        ...education,
        port: school,
        token: credentials.hollybankToken,
        school: hollybank,
        pupils: held.school,
        log: logOf('hollybank-school'),
      }),
    )
    const sixthForm = await up(
      startSchool({
        ...education,
        port: college,
        token: credentials.westvaleToken,
        school: westvale,
        pupils: held.college,
        log: logOf('westvale-college'),
      }),
    )
    const educationWelfare = await up(
      startEducationWelfare({
        port: welfare,
        key: credentials.educationWelfareKey,
        files: held.educationWelfare,
        asOf: at(yesterday, '14:30'),
        recordsFrom: '2012-09-01',
        log: logOf('northshire-education-welfare'),
      }),
    )
    const neighbour = await up(
      startEastmere({
        port: eastmere,
        token: credentials.eastmereToken,
        files: held.eastmere,
        underReview: held.underReview,
        asOf: at(yesterday, '20:00'),
        recordsSince: '2011-04-01',
        log: logOf('eastmere-childrens-services'),
      }),
    )
    const department =
      plan.dfeFolders.length > 0 ? await up(openDfe(plan, dfe, credentials.dfeClientSecret, logOf)) : null
    return {
      custodians,
      stop,
      env: {
        NORTHSHIRE_POLICE_DATABASE_URL: police.url,
        NORTHSHIRE_CHILDRENS_SERVICES_DATABASE_URL: socialCare.url,
        NORTHSHIRE_HOSPITAL_URL: general.origin,
        NORTHSHIRE_HOSPITAL_AUDIENCE: HOSPITAL_AUDIENCE,
        NORTHSHIRE_COMMUNITY_HEALTH_URL: community.origin,
        NORTHSHIRE_COMMUNITY_HEALTH_AUDIENCE: COMMUNITY_HEALTH_AUDIENCE,
        HOLLYBANK_SCHOOL_URL: primary.origin,
        HOLLYBANK_SCHOOL_TOKEN: credentials.hollybankToken,
        WESTVALE_COLLEGE_URL: sixthForm.origin,
        WESTVALE_COLLEGE_TOKEN: credentials.westvaleToken,
        NORTHSHIRE_EDUCATION_WELFARE_URL: educationWelfare.origin,
        NORTHSHIRE_EDUCATION_WELFARE_KEY: credentials.educationWelfareKey,
        EASTMERE_CHILDRENS_SERVICES_URL: `${neighbour.origin}/graphql`,
        EASTMERE_CHILDRENS_SERVICES_TOKEN: credentials.eastmereToken,
        ...(department === null
          ? {}
          : {
              DFE_CUSTODIANS_URL: department.origin,
              DFE_CUSTODIANS_TOKEN_URL: `${department.origin}/api/v1/Auth/token`,
              DFE_CUSTODIANS_CLIENT_ID: DFE_CLIENT,
              DFE_CUSTODIANS_CLIENT_SECRET: credentials.dfeClientSecret,
            }),
      },
    }
  } catch (error) {
    await stop()
    throw error
  }
}

/** The one row by which a database says how fresh it is and how far back it goes. */
const currency = (asOf: string, from: string): readonly [string, Rows] => [
  'data_currency',
  [{ as_of: asOf, covers_from: from }],
]

type DatabasePlan = Omit<Parameters<typeof fillDatabase>[0], 'ddl'> & {
  /** file beside this one */
  readonly ddl: string
  readonly log: ReturnType<typeof accessLog>
}

async function openAgencyDatabase({ log, ddl, ...plan }: DatabasePlan) {
  await fillDatabase({ ...plan, ddl: await readFile(new URL(ddl, import.meta.url), 'utf8') })
  const { hostname, port } = new URL(plan.url)
  const front = await openDatabaseFront({ host: hostname, port: Number(port) }, plan.shared, log)
  const { name, password } = plan.reader
  return { url: `postgres://${name}:${password}@127.0.0.1:${front.port}/${plan.database}`, stop: front.stop }
}

async function openDfe(
  { dfeFolders }: SystemsPlan,
  port: number,
  clientSecret: string,
  logOf: (custodian: string) => ReturnType<typeof accessLog>,
) {
  const files = await readDfeFolders(dfeFolders)
  const own = logOf('dfe-custodians')
  const logs = new Map(files.map(({ orgId }) => [orgId, logOf(`dfe-${orgId.toLowerCase()}`)]))
  return startDfe({
    port,
    clientId: DFE_CLIENT,
    clientSecret,
    custodians: files,
    logFor: (orgId) => logs.get(orgId ?? '') ?? own,
    clock: () => new Date(),
  })
}
