/** A custodian's PostgreSQL views, on a real PostgreSQL. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { someFree } from '../../gateway/local/ports.ts'
import { type LocalPostgres, startPostgres } from '../../gateway/local/postgres.ts'
import { type Partnership, partnershipOf } from './partnership.ts'
import { MAYA, question } from './serve.ts'

const FILE = `
id: a-force
name: A Force
agency: a-force
sector: police
kind: sql
contact: { name: The desk, telephone: 01632 960001 }
identityEvidence: demographics
connection: { url: '\${A_FORCE_DATABASE_URL}', schema: partner_share, nhsNumberColumn: nhs_no }
currency: { view: v_data_currency, asOf: as_of, from: covers_from }
person:
  view: v_nominal
  localId: nominal_ref
  nhsNumber: nhs_no
  givenNames: [forename1, forename2]
  familyNames: surname
  dateOfBirth: dob
records:
  police.crime:
    view: v_crime
    sourceId: crime_ref
    eventTime: committed_at
    assertion: { from: info_type, codes: { F: FACT, A: ALLEGATION } }
    subjectCategory: { from: role_code, codes: { VIC: VICTIM } }
    labels: { from: markers, codes: { ADC: address-confidential } }
    fields: { offence: offence_title, outcome: ho_outcome, otherParties: other_parties, summary: mo_summary }
  police.custody:
    view: v_slow
    sourceId: custody_ref
    fields: { reference: custody_ref }
  police.summary:
    view: v_that_writes
    sourceId: nominal_ref
    fields: { marker: marker }
  police.intelligence:
    view: v_missing
    sourceId: intel_ref
    fields: { content: sanitised_text }
`

const SCHEMA = `
CREATE SCHEMA rms;
CREATE SCHEMA partner_share;
CREATE TABLE rms.crime (crime_ref text, nhs_no text, committed_at timestamptz, ho_outcome smallint, other_parties text[],
  mo_summary text, offence_title text, role_code text, info_type text, markers text[]);
INSERT INTO rms.crime VALUES
  ('CR/1', '${MAYA}', '2026-03-14 22:10+00', 16, '{Kai Brennan}', 'Seen by "Tom".', 'Criminal damage', 'VIC', 'F', '{ADC}'),
  ('CR/2', '${MAYA}', '2026-07-01 09:00+01', NULL, '{}', 'Told by phone.', 'Theft', 'ZZZ', 'A', '{NEW}'),
  ('CR/3', '9990000026', '2026-01-01 09:00+00', NULL, '{}', 'Another child.', 'Theft', 'VIC', 'F', '{}');
CREATE TABLE rms.log (what text);
CREATE FUNCTION rms.note(text) RETURNS text LANGUAGE sql SECURITY DEFINER
  AS $$ INSERT INTO rms.log VALUES ($1) RETURNING what $$;
CREATE VIEW partner_share.v_nominal AS SELECT 'N/7' AS nominal_ref, '${MAYA}' AS nhs_no, 'Maya' AS forename1,
  NULL::text AS forename2, 'Okafor-Reid' AS surname, '2015-03-14'::date AS dob;
CREATE VIEW partner_share.v_crime AS SELECT * FROM rms.crime;
CREATE VIEW partner_share.v_slow AS SELECT 'C/1' AS custody_ref, '${MAYA}' AS nhs_no FROM pg_sleep(30);
CREATE VIEW partner_share.v_that_writes AS SELECT 'N/7' AS nominal_ref, '${MAYA}' AS nhs_no, rms.note('seen') AS marker;
CREATE VIEW partner_share.v_data_currency AS SELECT '2026-11-20 17:05+00'::timestamptz AS as_of, '2010-01-01'::date AS covers_from;
CREATE ROLE reader LOGIN PASSWORD 'reader';
GRANT USAGE ON SCHEMA partner_share TO reader;
GRANT SELECT ON ALL TABLES IN SCHEMA partner_share TO reader;
`

describe('a custodian that is a database', () => {
  let folder: string
  let postgres: LocalPostgres
  let owner: Client
  let partnership: Partnership

  const connect = (url: string) => partnershipOf({ 'a-force.yaml': FILE }, { A_FORCE_DATABASE_URL: url })
  const reader = (password = 'reader') => postgres.url('force', { name: 'reader', password })
  const asOwner = async (statement: string) => (await owner.query(statement)).rows

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'force-'))
    const [port] = await someFree(1)
    postgres = await startPostgres({ dataDir: join(folder, 'data'), port: port ?? 0, password: 'owner' })
    await postgres.createDatabase('force')
    owner = new Client({ connectionString: postgres.url('force') })
    owner.on('error', () => undefined)
    await owner.connect()
    await owner.query(SCHEMA)
    partnership = await connect(reader())
  }, 60_000)
  afterAll(async () => {
    await partnership?.close()
    await owner?.end().catch(() => undefined)
    await postgres?.stop()
    await rm(folder, { recursive: true, force: true })
  })

  test('answers about the child who was asked about, and no other', async () => {
    const reply = await partnership.connection('a-force').ask(question(['police.crime']))
    expect(reply).toEqual({
      kind: 'held',
      people: [
        {
          localId: 'N/7',
          nhsNumber: MAYA,
          givenNames: ['Maya'],
          familyNames: ['Okafor-Reid'],
          dateOfBirth: '2015-03-14',
          labels: [],
        },
      ],
      asOf: '2026-11-20T17:05:00.000Z',
      searched: { from: '2010-01-01', until: '2026-11-20' },
      records: [
        expect.objectContaining({
          sourceId: 'CR/1',
          system: 'a-force',
          eventTime: '2026-03-14T22:10:00.000Z',
          assertion: 'FACT',
          subjectCategory: 'VICTIM',
          about: 'child',
          labels: ['address-confidential'],
          fields: expect.objectContaining({
            offence: 'Criminal damage',
            outcome: '16',
            otherParties: ['Kai Brennan'],
            summary: 'Seen by "Tom".',
          }),
        }),
        expect.objectContaining({
          sourceId: 'CR/2',
          eventTime: '2026-07-01T08:00:00.000Z',
          assertion: 'ALLEGATION',
        }),
      ],
    })
  })

  test('a part in the crime that we do not know is denied by its label, and a label that we do not know stays', async () => {
    const reply = await partnership.connection('a-force').ask(question(['police.crime']))
    if (reply.kind !== 'held') throw new Error(reply.kind)
    expect(reply.records[1]).toMatchObject({
      subjectCategory: null,
      labels: ['NEW', 'unrecognised-subject-category'],
    })
  })

  test('a field group that policy could not release is not even selected', async () => {
    const asked = {
      ...question(['police.crime']),
      recordTypes: [{ name: 'police.crime', groups: ['narrative'] as const }],
    }
    const reply = await partnership.connection('a-force').ask(asked)
    if (reply.kind !== 'held') throw new Error(reply.kind)
    expect(Object.keys(reply.records[0]?.fields ?? {})).toEqual([
      'reference',
      'offence',
      'outcome',
      'outcomeDate',
      'summary',
    ])
  })

  test('an NHS number that nobody holds is not held', async () => {
    const reply = await partnership.connection('a-force').ask(question(['police.crime'], 5_000, '9990000077'))
    expect(reply).toMatchObject({ kind: 'not-held', asOf: '2026-11-20T17:05:00.000Z' })
  })

  test('the custodian finds our access in its own activity', async () => {
    const asking = partnership.connection('a-force').ask(question(['police.custody'], 700))
    let seen: unknown[] = []
    while (seen.length === 0)
      seen = await asOwner(`SELECT 1 FROM pg_stat_activity WHERE application_name = '01jd-test'`)
    expect(await asking).toMatchObject({ kind: 'fault', fault: 'deadline' })
  })

  test('a slow database is given up at the deadline, and stops working on our question', async () => {
    const reply = await partnership.connection('a-force').ask(question(['police.custody'], 300))
    expect(reply).toEqual({ kind: 'fault', fault: 'deadline', detail: 'no answer within the deadline' })
    let active = [{}]
    while (active.length > 0)
      active = await asOwner(`SELECT 1 FROM pg_stat_activity WHERE usename = 'reader' AND state = 'active'`)
  })

  test('a view that writes behind our back writes nothing', async () => {
    const reply = await partnership.connection('a-force').ask(question(['police.summary']))
    expect(reply).toMatchObject({ kind: 'fault', fault: 'failed' })
    expect(await asOwner('SELECT * FROM rms.log')).toEqual([])
  })

  test('a view that is gone is a failure that names nothing of the database', async () => {
    const reply = await partnership.connection('a-force').ask(question(['police.intelligence']))
    expect(reply).toEqual({
      kind: 'fault',
      fault: 'failed',
      detail: 'the system reported a failure of its own',
    })
  })

  test.each([
    ['INSERT on a table', 'GRANT INSERT ON rms.log TO reader', 'REVOKE INSERT ON rms.log FROM reader'],
    [
      'UPDATE of one column',
      'GRANT UPDATE (mo_summary) ON rms.crime TO reader',
      'REVOKE ALL ON rms.crime FROM reader',
    ],
    ['CREATE in a schema', 'GRANT CREATE ON SCHEMA rms TO reader', 'REVOKE CREATE ON SCHEMA rms FROM reader'],
    [
      'membership in pg_write_all_data',
      'GRANT pg_write_all_data TO reader',
      'REVOKE pg_write_all_data FROM reader',
    ],
    ['superuser', 'ALTER ROLE reader SUPERUSER', 'ALTER ROLE reader NOSUPERUSER'],
    ['a sequence', 'CREATE SEQUENCE rms.s; GRANT UPDATE ON SEQUENCE rms.s TO reader', 'DROP SEQUENCE rms.s'],
  ])('a role that holds %s stops the start', async (_, grant, revoke) => {
    await asOwner(grant)
    try {
      await expect(connect(reader())).rejects.toMatchObject({
        code: 'CUSTODIAN_NOT_READ_ONLY',
        message: expect.stringContaining('a-force: it '),
      })
    } finally {
      await asOwner(revoke)
    }
  })

  test('a wrong password is told as such', async () => {
    const locked = await connect(reader('wrong'))
    expect(await locked.connection('a-force').ask(question(['police.crime']))).toEqual({
      kind: 'fault',
      fault: 'not-authorised',
      detail: 'the system refused our credentials',
    })
    await locked.close()
  })

  test('a role that may write, found out after the start, is not used', async () => {
    const later = await connect('postgres://reader:reader@127.0.0.1:1/force').then(async (down) => {
      await down.close()
      return connect(reader())
    })
    await asOwner(
      `GRANT INSERT ON rms.log TO reader; SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'reader'`,
    )
    try {
      let reply = await later.connection('a-force').ask(question(['police.crime']))
      // the first question may meet the connection that has just been ended
      if (reply.kind === 'fault' && reply.fault === 'reset')
        reply = await later.connection('a-force').ask(question(['police.crime']))
      expect(reply).toMatchObject({ kind: 'fault', fault: 'not-authorised' })
    } finally {
      await asOwner('REVOKE INSERT ON rms.log FROM reader')
      await later.close()
    }
  })

  test('a database that is down does not stop the start, that breaks off says so, and that returns answers again', async () => {
    const asking = partnership.connection('a-force').ask(question(['police.custody'], 20_000))
    let active: unknown[] = []
    while (active.length === 0)
      active = await asOwner(
        `SELECT 1 FROM pg_stat_activity WHERE usename = 'reader' AND wait_event = 'PgSleep'`,
      )
    await postgres.kill()
    expect(await asking).toMatchObject({ kind: 'fault', fault: 'reset' })

    const early = await connect(reader())
    expect(await early.connection('a-force').ask(question(['police.crime']))).toMatchObject({
      kind: 'fault',
      fault: 'unreachable',
    })
    await postgres.start()
    expect(await early.connection('a-force').ask(question(['police.crime']))).toMatchObject({ kind: 'held' })
    await early.close()
  }, 30_000)
})
