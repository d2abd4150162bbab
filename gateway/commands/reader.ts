/** `sightline reader rebuild` drops what the reader holds and reads the topic again from its start. */
import { Command } from 'commander'
import pg from 'pg'
import { pino } from 'pino'
import { rebuild } from '../reader/rebuild.ts'
import { operatorSettings } from './operator-settings.ts'
import { progressBar } from './progress-bar.ts'

export const readerCommand = () =>
  new Command('reader').description('what information-governance leads read of the log').addCommand(
    new Command('rebuild')
      .description('drop it and read it again from Kafka, while the gateway runs or not')
      .action(async () => {
        const { DATABASE_URL, KAFKA_BROKERS: brokers, KAFKA_TOPIC: topic } = await operatorSettings()
        const pool = new pg.Pool({ connectionString: DATABASE_URL, max: 4 })
        try {
          const log = pino({ level: 'error' }, pino.destination(2))
          const n = await rebuild({ pool, brokers, topic, log }, progressBar('read'))
          process.stdout.write(`read ${n.toLocaleString('en-GB')} events of ${topic} from its start\n`)
        } finally {
          await pool.end()
        }
      }),
  )
