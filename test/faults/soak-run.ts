/**
 * `npm run soak -- [--accesses 1000000] [--kills 200] [--minutes 120] [--outage 600] [--seed 1] [--http-share 0.01]
 * [--no-http] [--json]`: progress to standard error, figures at the end. Exit code 1 where an access was shown or
 * recorded and is not where it must be. Ends by itself and leaves nothing running.
 */
import { parseArgs } from 'node:util'
import { report } from '../bench/table.ts'
import { startPartners } from '../setup/partners.ts'
import { NOTHING_LOST } from './reckoning.ts'
import { soak } from './soak.ts'

const { values } = parseArgs({
  options: {
    accesses: { type: 'string', default: '1000000' },
    kills: { type: 'string', default: '200' },
    minutes: { type: 'string', default: '120' },
    outage: { type: 'string', default: '600' },
    seed: { type: 'string', default: '1' },
    'http-share': { type: 'string', default: '0.01' },
    'no-http': { type: 'boolean', default: false },
    json: { type: 'boolean' },
  },
})
const say = (words: string) => void process.stderr.write(`${words}\n`)
const stack = values['no-http'] ? null : await startPartners({ kafka: false })
try {
  const figures = await soak({
    accesses: Number(values.accesses),
    kills: Number(values.kills),
    minutes: Number(values.minutes),
    outage: Number(values.outage),
    seed: Number(values.seed),
    httpShare: Number(values['http-share']),
    partners: stack?.partners ?? null,
    say,
  })
  const { unlogged, lost, foreign, verifier, kills, refused, ...rest } = figures
  report('soak', {
    run: [rest],
    kills: [kills],
    refused: [refused],
    reckoning: [{ unlogged: unlogged.length, lost: lost.length, foreign, verifier }],
  })
  for (const id of unlogged) say(`shown and not on record: ${id}`)
  for (const id of lost) say(`on record and not on Kafka: ${id}`)
  const whole = unlogged.length + lost.length + foreign === 0 && verifier === NOTHING_LOST.verifier
  if (!whole) process.exitCode = 1
} finally {
  await stack?.stop()
}
