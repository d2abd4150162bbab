/** The soak for a short time: its long run is `npm run soak`. */
import { expect, test } from 'vitest'
import { kafkaCacheDir, missingForKafka } from '../../gateway/local/kafka-install.ts'
import { NOTHING_LOST } from './reckoning.ts'
import { soak } from './soak.ts'

const missing = await missingForKafka(kafkaCacheDir())
if (missing) console.warn(`left out, because ${missing} is missing: the short soak`)

test.skipIf(missing)(
  'five thousand accesses, six kills and Kafka away: nothing shown that is not on record, nothing lost',
  async () => {
    const figures = await soak({
      // it ends with the last of these; the minutes only bound it where the machine is busy
      ...{ accesses: 5_000, kills: 6, minutes: 5, outage: 3, seed: 1 },
      ...{ partners: null, httpShare: 0, say: () => undefined },
    })
    expect(figures).toMatchObject(NOTHING_LOST)
    expect(figures.accesses).toBeGreaterThanOrEqual(5_000)
    expect(figures.kills['ledger process']).toBeGreaterThan(0)
    expect(figures.kills.PostgreSQL).toBeGreaterThan(0)
    expect(figures.kafkaOutageSeconds).toBeGreaterThanOrEqual(3)
    expect(Object.keys(figures.refused).filter((code) => !code.startsWith('LEDGER_'))).toEqual([])
  },
  420_000,
)
