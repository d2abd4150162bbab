/** `sightline reader rebuild` drops what the reader holds and reads the topic again from its start. */
import { Command } from 'commander'
import { pino } from 'pino'
import { kafkaSettings } from '../kafka-settings.ts'
import { rebuild } from '../reader/rebuild.ts'
import { progressBar } from './progress-bar.ts'
import { withStore } from './with-store.ts'

export const readerCommand = () =>
  new Command('reader').description('what information-governance leads read of the log').addCommand(
    new Command('rebuild')
      .description('drop it and read it again from Kafka, while the gateway runs or not')
      .action(async () => {
        await withStore(async (pool, config) => {
          const kafka = await kafkaSettings(config)
          const log = pino({ level: 'error' }, pino.destination(2))
          const n = await rebuild({ pool, ...kafka, log }, progressBar('read'))
          process.stdout.write(`read ${n.toLocaleString('en-GB')} events of ${kafka.topic} from its start\n`)
        })
      }),
  )
