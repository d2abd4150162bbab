/** An agency's own log is read line by line, in the ways in which systems write it, and a wrong line is never repeated. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type LogEntry, readAgencyLog } from '../../../gateway/ledger/agency-log.ts'

const RECEIPT = '0a1b2c3d-0000-4000-8000-00000000abcd'

async function read(...chunks: (string | Uint8Array)[]): Promise<LogEntry[]> {
  async function* given() {
    for (const chunk of chunks) yield Buffer.from(chunk)
  }
  const entries: LogEntry[] = []
  for await (const entry of readAgencyLog(given())) entries.push(entry)
  return entries
}

test('wherever the file is cut into pieces, the same lines are read', async () => {
  const lines = [
    { eventId: RECEIPT, at: '2026-11-21T10:00:00Z', path: '/véhicules/🚓' },
    { eventId: null, time: '2026-11-21T11:00:00+01:00' },
  ]
  const bytes = Buffer.from(lines.map((line) => `${JSON.stringify(line)}\r\n`).join('\n'))
  const at = new Date('2026-11-21T10:00:00Z')
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(fc.nat(bytes.length)), async (cuts) => {
      const places = [0, ...cuts.sort((a, b) => a - b), bytes.length]
      const pieces = places.slice(1).map((end, n) => bytes.subarray(places[n], end))
      expect(await read(...pieces)).toEqual([
        { eventId: RECEIPT, at },
        { eventId: null, at },
      ])
    }),
  )
})

test('a receipt in capitals is the same receipt', async () => {
  const line = JSON.stringify({ eventId: RECEIPT.toUpperCase(), at: '2026-11-21T10:00:00Z' })
  expect(await read(line)).toMatchObject([{ eventId: RECEIPT }])
})

test.each([
  ['words', 'Jaya Kaur'],
  ['no receipt', '{"at":"2026-11-21T10:00:00Z","who":"Jaya Kaur"}'],
  ['no time', `{"eventId":"${RECEIPT}","who":"Jaya Kaur"}`],
  ['a time without its zone', `{"eventId":"${RECEIPT}","at":"2026-11-21T10:00:00","who":"Jaya Kaur"}`],
  ['a receipt that no database holds', '{"eventId":"Jaya\\u0000Kaur","at":"2026-11-21T10:00:00Z"}'],
  ['a line without end', `{"eventId":null,"who":"Jaya Kaur","x":"${'x'.repeat(1_100_000)}`],
])('a line that cannot be read is named and not repeated: %s', async (_what, line) => {
  const first = '{"eventId":null,"at":"2026-11-21T10:00:00Z"}\n'
  await expect(read(first, line, '\n', first)).rejects.toMatchObject({
    code: 'LOG_MALFORMED',
    message: expect.stringMatching(/^line 2 of the log is no JSON/),
  })
  await expect(read(first, line)).rejects.not.toThrow(/Jaya|Kaur/)
})
