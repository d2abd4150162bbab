/** What ends by itself, in mid-session, and who is tied to which child. */
import { copyFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { registerFrom } from '../../../gateway/access/register-file.ts'
import { migrate } from '../../../gateway/ledger/migrate.ts'
import { PERSONAS } from '../../../gateway/local/personas.ts'
import { northshireRegister } from '../../../gateway/local/population/register.ts'
import { type Cluster, ledgerMigrations, ownCluster } from '../ledger/cluster.ts'
import {
  accessMigrations,
  connection,
  file,
  later,
  leo,
  maya,
  NOON,
  type Northshire,
  northshire,
  peopleWith,
  person,
} from './northshire.ts'

let cluster: Cluster
let at: Northshire
beforeAll(async () => {
  cluster = await ownCluster()
  at = await northshire(cluster, 'register')
}, 60_000)
beforeEach(() => at.takeOver())
afterAll(() => cluster.end())

const conflict = async (subject: string, child = maya, now = NOON) =>
  at.register.conflict(person(subject), await at.practitioner(subject, now), child, now)

test('vetting that lapsed at noon counts for nothing from noon on, and in full the minute before', async () => {
  await at.takeOver({ practitioners: peopleWith('tom', { vetting: 3, vettingUntil: NOON.toISOString() }) })
  expect((await at.practitioner('tom', later(-1))).vetting).toBe(3)
  expect((await at.practitioner('tom', NOON)).vetting).toBe(0)
  expect((await at.practitioner('tom', later(1))).vetting).toBe(0)
})

test('vetting of which no end is recorded does not lapse', async () => {
  await at.takeOver({ practitioners: peopleWith('tom', { vettingUntil: null }) })
  expect((await at.practitioner('tom')).vetting).toBe(2)
})

test('training that lapsed is no training, from that minute on', async () => {
  await at.takeOver({ practitioners: peopleWith('amina', { training: { until: NOON.toISOString() } }) })
  expect((await at.practitioner('amina', later(-1))).trained).toBe(true)
  expect((await at.practitioner('amina', NOON)).trained).toBe(false)
})

test('a nomination that ends between two questions is over at the second', async () => {
  const [lcpp, ...others] = file().nominations
  await at.takeOver({ nominations: [{ ...lcpp, until: NOON.toISOString() }, ...others] })
  expect(await at.practitioner('amina', later(-1))).toMatchObject({
    nominated: true,
    nominationLapsed: false,
  })
  expect(await at.practitioner('amina', NOON)).toMatchObject({ nominated: false, nominationLapsed: true })
})

test('the right to open an emergency is one that is named, and begins and ends', async () => {
  expect((await at.practitioner('amina')).breakGlassRight).toBe(true)
  expect((await at.practitioner('daniel')).breakGlassRight).toBe(false)
  const breakGlass = { from: NOON.toISOString(), until: later(10).toISOString() }
  await at.takeOver({ practitioners: peopleWith('amina', { breakGlass }) })
  expect((await at.practitioner('amina', later(-1))).breakGlassRight).toBe(false)
  expect((await at.practitioner('amina', NOON)).breakGlassRight).toBe(true)
  expect((await at.practitioner('amina', later(10))).breakGlassRight).toBe(false)
})

test('a register that says nothing of training, rights or ties is taken over, and what is not said is not given', async () => {
  const { connections, ...old } = file()
  const practitioners = old.practitioners.map(({ vettingUntil, training, breakGlass, ...each }) => each)
  await at.register.takeOver(registerFrom({ ...old, practitioners }, 'old.yaml'), person('amina').issuer)
  expect(connections).toEqual([])
  expect(await at.practitioner('amina')).toMatchObject({ trained: false, breakGlassRight: false, vetting: 2 })
  expect(await conflict('amina')).toBeNull()
})

test('a register with a tie to no valid number, or of no known kind, is refused with every fault', () => {
  const connections = [connection('tom', '9990000019'), { ...connection('tom', leo), kind: 'neighbour' }]
  expect(() => registerFrom({ ...file(), connections }, 'northshire.yaml')).toThrow(
    expect.objectContaining({
      code: 'REGISTER_INVALID',
      message: expect.stringMatching(
        /connections\.0\.nhsNumber is no valid NHS number\n.*connections\.1\.kind/,
      ),
    }),
  )
})

test('a day in the register begins at midnight in the United Kingdom, in summer too', async () => {
  await at.takeOver({ practitioners: peopleWith('tom', { vettingUntil: '2026-07-01' }) })
  expect((await at.practitioner('tom', new Date('2026-06-30T22:59:00Z'))).vetting).toBe(2)
  expect((await at.practitioner('tom', new Date('2026-06-30T23:00:00Z'))).vetting).toBe(0)
})

test('a child who is herself, a relative’s or a colleague’s is known as such, and nobody else’s', async () => {
  await at.takeOver({ connections: [connection('tom', maya), connection('daniel', leo, 'self')] })
  expect(await conflict('tom', maya)).toBe('relative')
  expect(await conflict('daniel', leo)).toBe('self')
  expect(await conflict('amina', leo)).toBe('colleague') // of the same council
  expect(await conflict('amina', maya)).toBeNull() // Tom is with the police
  expect(await conflict('tom', leo)).toBeNull()
})

test('the closest of several ties is the one that counts', async () => {
  await at.takeOver({
    connections: [connection('daniel', maya), connection('amina', maya), connection('amina', maya, 'self')],
  })
  expect(await conflict('amina')).toBe('self')
  expect(await conflict('samuel')).toBe('colleague')
})

test('a tie begins and ends, and a colleague who has left ties nobody', async () => {
  const until = NOON.toISOString()
  await at.takeOver({ connections: [{ ...connection('tom', maya), until }] })
  expect(await conflict('tom', maya, later(-1))).toBe('relative')
  expect(await conflict('tom', maya, NOON)).toBeNull()
  await at.takeOver({ connections: [connection('daniel', leo)] })
  expect(await conflict('amina', leo)).toBe('colleague')
  await at.takeOver({
    connections: [connection('daniel', leo)],
    practitioners: peopleWith('daniel', { until }),
  })
  expect(await conflict('amina', leo, later(-1))).toBe('colleague')
  expect(await conflict('amina', leo, NOON)).toBeNull()
})

const cases = () => {
  const [hers] = file().cases
  return [
    hers,
    {
      ...hers,
      reference: 'NS-2026-0002',
      dateOfBirth: '2015-04-13',
      givenNames: ['Mia'],
      labels: ['address-confidential'],
      practitioners: [],
    },
  ] as Record<string, unknown>[]
}

test('what all cases state of a child is known in an emergency, also where nobody works on the case', async () => {
  await at.takeOver({ cases: cases() })
  const stated = await at.register.statedOf(maya)
  for (const born of ['2015-03-14', '2015-04-13'])
    expect(stated?.born).toContainEqual(at.keys.bornOf(maya, born))
  for (const word of ['maya', 'rose', 'may', 'mia'])
    expect(stated?.givenNames).toContainEqual(at.keys.nameOf(maya, 'given', word))
  expect(stated?.labels).toEqual(['address-confidential'])
  expect(await at.register.statedOf(leo)).toBeNull()
})

test('what a source said before is replaced as a whole, ties and statements too', async () => {
  await at.takeOver({ cases: cases(), connections: [connection('tom', maya)] })
  await at.takeOver({ cases: [] })
  expect(await at.register.statedOf(maya)).toBeNull()
  expect(await conflict('tom')).toBeNull()
})

test('no number, name or date of birth of a child rests in the register', async () => {
  await at.takeOver({ cases: cases(), connections: [connection('tom', leo)] })
  for (const table of ['case_relationship', 'stated_child', 'child_connection']) {
    const { rows } = await at.pool.query(`select * from ${table}`)
    expect(rows.length).toBeGreaterThan(0)
    const text = rows
      .flatMap((row) => Object.values(row))
      .map((value) => (Buffer.isBuffer(value) ? value.toString('latin1') : JSON.stringify(value)))
      .join('\n')
    for (const secret of [maya, leo, '2015-03-14', '2015-04-13', 'Okafor', 'okafor'])
      expect(text).not.toContain(secret)
  }
})

test('a register that was taken over before this version still states its children after it', async () => {
  const before = await mkdtemp(join(tmpdir(), 'sightline-register-'))
  try {
    await copyFile(join(accessMigrations.directory, '0101-register.sql'), join(before, '0101-register.sql'))
    await cluster.postgres.createDatabase('upgraded')
    const databaseUrl = cluster.postgres.url('upgraded')
    const pool = cluster.pool(databaseUrl)
    await migrate({ databaseUrl, folders: [ledgerMigrations, { name: 'access', directory: before }] })
    const [child, born] = [at.keys.lookupOf(maya), at.keys.bornOf(maya, '2015-03-14')]
    for (const subject of ['amina', 'tom'])
      await pool.query(
        `insert into case_relationship values ('NS-2026-0001', $1, $2, '{}', '{}', '{address-confidential}', 'i', $3,
          'duty', now(), null, 'a source')`,
        [child, born, subject],
      )
    await migrate({ databaseUrl, folders: [ledgerMigrations, accessMigrations] })
    const { rows } = await pool.query('select child, born, labels from stated_child')
    expect(rows).toEqual([{ child, born, labels: ['address-confidential'] }])
  } finally {
    await rm(before, { recursive: true, force: true })
  }
})

test('in Northshire everybody is trained, one holds the right to break the glass, and reviewers work on no case', () => {
  const register = northshireRegister({ personas: PERSONAS, today: '2026-11-21' })
  const named = (id: string) => PERSONAS.find((persona) => persona.id === id)?.subject
  expect(register.practitioners.every(({ training }) => (training?.until ?? '') > '2026-11-21')).toBe(true)
  const rights = register.practitioners.filter(({ breakGlass }) => breakGlass !== null)
  expect(rights.map(({ subject }) => subject)).toEqual([named('lcpp')])
  const reviewers = register.practitioners.filter(({ role }) => role === 'agency-reviewer')
  expect(reviewers.map(({ organisationKind }) => organisationKind)).toEqual(['education', 'nhs'])
  const working = register.cases.flatMap(({ practitioners }) => practitioners.map(({ subject }) => subject))
  for (const id of ['school-reviewer', 'hospital-reviewer']) expect(working).not.toContain(named(id))
  expect(register.nominations.map(({ subject }) => subject)).not.toContain(named('school-reviewer'))
})
