/** A small register of its own for each test: four people of Northshire and two children, on the real PostgreSQL. */
import { randomUUID } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import type { Pool } from 'pg'
import type { SignedIn } from '../../../gateway/access/authenticate.ts'
import { childKeys } from '../../../gateway/access/child-keys.ts'
import { openRegister, type Practitioner, type Register } from '../../../gateway/access/register.ts'
import { type RegisterFile, registerFrom } from '../../../gateway/access/register-file.ts'
import type { ChildQuestion } from '../../../gateway/child-question.ts'
import { migrate } from '../../../gateway/ledger/migrate.ts'
import { childPseudonyms } from '../../../gateway/ledger/pseudonym.ts'
import { nhsNumber } from '../../../schema/nhs-number.ts'
import { type Cluster, ledgerMigrations } from '../ledger/cluster.ts'
import { key } from '../ledger/sample.ts'

export { key }

/** A Saturday. */
export const NOON = new Date('2026-11-21T12:00:00Z')
export const later = (minutes: number, from = NOON) => new Date(from.getTime() + minutes * 60_000)

export const ISSUER = 'https://sign-in.northshire.example'
export const SOURCE = "Northshire Council, children's services"
export const maya = nhsNumber('9990000018')
export const leo = nhsNumber('9990000026')

export const accessMigrations = {
  name: 'access',
  directory: fileURLToPath(new URL('../../../gateway/access/migrations', import.meta.url)),
}

/** @param signedIn minutes ago */
export const person = (subject: string, signedIn: number | null = 1): SignedIn => ({
  issuer: ISSUER,
  subject,
  authenticatedAt: signedIn === null ? null : later(-signedIn),
  acr: 'AAL2',
  tokenId: null,
})

const practitioner = (subject: string, name: string, agency: string, role: string) => ({
  subject,
  name,
  agency,
  role,
  organisationKind: agency === 'northshire-police' ? 'police' : 'local-authority',
  vetting: 2,
  vettingUntil: '2027-11-21',
  training: { until: '2027-11-21' },
  breakGlass: null,
  from: '2024-01-01',
  until: null,
})

/** As a file holds it; a test changes what it is about. */
export const file = () => ({
  source: SOURCE,
  practitioners: [
    {
      ...practitioner('amina', 'Amina Yusuf', 'northshire-council', 'lcpp'),
      breakGlass: { from: '2026-01-01', until: null },
    },
    practitioner('daniel', 'Daniel Price', 'northshire-council', 'social-worker'),
    practitioner('samuel', 'Samuel Hart', 'northshire-council', 'ig-lead'),
    practitioner('tom', 'Tom Doyle', 'northshire-police', 'macpt-police'),
  ] as Record<string, unknown>[],
  nominations: [
    { subject: 'amina', role: 'lcpp', from: '2026-01-01', until: null, source: 'the council' },
    { subject: 'tom', role: 'macpt-police', from: '2026-01-01', until: null, source: 'the police' },
  ] as Record<string, unknown>[],
  cases: [
    {
      reference: 'NS-2026-0001',
      nhsNumber: maya as string,
      dateOfBirth: '2015-03-14',
      givenNames: ['Maya Rose', 'May'],
      familyNames: ['Okafor-Reid'],
      practitioners: ['amina', 'tom'].map((subject) => ({
        subject,
        kind: 'allocated',
        from: '2026-09-01',
        until: null,
      })),
    },
  ] as Record<string, unknown>[],
  connections: [] as Record<string, unknown>[],
})

export const connection = (subject: string, child: string, kind: 'self' | 'relative' = 'relative') => ({
  subject,
  nhsNumber: child,
  kind,
  source: 'her own declaration',
  from: '2026-01-01',
  until: null,
})

export interface Northshire {
  readonly pool: Pool
  readonly databaseUrl: string
  readonly keys: ReturnType<typeof childKeys>
  readonly register: Register
  takeOver(changed?: Partial<ReturnType<typeof file>>): Promise<void>
  practitioner(subject: string, now?: Date): Promise<Practitioner>
}

export async function northshire(cluster: Cluster, name: string): Promise<Northshire> {
  await cluster.postgres.createDatabase(name)
  const databaseUrl = cluster.postgres.url(name)
  await migrate({ databaseUrl, folders: [ledgerMigrations, accessMigrations] })
  const pool = cluster.pool(databaseUrl)
  const keys = childKeys(childPseudonyms({ pool, key }), key)
  const register = openRegister(pool, keys)
  const takeOver = async (changed: Partial<ReturnType<typeof file>> = {}) => {
    const read: RegisterFile = registerFrom({ ...file(), ...changed }, 'northshire.yaml')
    await register.takeOver(read, ISSUER)
  }
  await takeOver()
  return {
    pool,
    databaseUrl,
    keys,
    register,
    takeOver,
    async practitioner(subject, now = NOON) {
      const found = await register.practitioner(person(subject), now)
      if (found === null) throw new Error(`\`${subject}\` is not in the register`)
      return found
    },
  }
}

/** People of the file, one of them changed. */
export const peopleWith = (subject: string, change: Record<string, unknown>) =>
  file().practitioners.map((each) => (each.subject === subject ? { ...each, ...change } : each))

export const newEvent = () => randomUUID()

/** A question about Maya, in her case and with nothing said of who she is. */
export const question = (changed: Partial<ChildQuestion> = {}): ChildQuestion => ({
  nhsNumber: maya,
  reason: {
    purpose: 's47-enquiry',
    lawfulBasis: { article6: 'GDPR-6-1-e', condition: 'GDPR-9-2-g', function: 'CA89-47' },
    threshold: 's47',
    caseReference: 'NS-2026-0001',
    consentRecorded: false,
    breakGlass: null,
  },
  dateOfBirth: null,
  givenName: null,
  familyName: null,
  sectors: ['police'],
  ...changed,
})
