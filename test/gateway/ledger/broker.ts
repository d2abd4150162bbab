/** A Kafka broker of a test's own, in a folder for temporary files. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type KafkaOptions, type LocalKafka, startKafka } from '../../../gateway/local/kafka.ts'
import { installKafka, kafkaCacheDir, missingForKafka } from '../../../gateway/local/kafka-install.ts'
import { someFree } from '../../../gateway/local/ports.ts'

/** What this machine has not, so that no broker runs here; undefined where one does. */
export const brokerMissing = await missingForKafka(kafkaCacheDir())

export interface Broker extends LocalKafka {
  /** stops it, and removes its folder */
  end(): Promise<void>
}

export async function ownBroker(options: Pick<KafkaOptions, 'jvm'> = {}): Promise<Broker> {
  const folder = await mkdtemp(join(tmpdir(), 'sightline-broker-'))
  const [port = 0, controllerPort = 0] = await someFree(2)
  const jars = await installKafka(kafkaCacheDir(), () => undefined)
  const kafka = await startKafka({ ...options, jars, dataDir: join(folder, 'kafka'), port, controllerPort })
  return {
    ...kafka,
    async end() {
      await kafka.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
