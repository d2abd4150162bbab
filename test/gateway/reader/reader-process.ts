/** The reader as a process of its own, to be killed. Ends with its input. */
import { openReader } from '../../../gateway/reader/reader.ts'
import { openStore } from '../../../gateway/store.ts'

const [databaseUrl = '', brokers = '', topic = ''] = process.argv.slice(2)
const silent = () => undefined
openReader({
  pool: openStore({ connectionString: databaseUrl, max: 4 }),
  brokers: brokers.split(','),
  topic,
  log: { info: silent, warn: silent, error: (about) => console.error(JSON.stringify(about)) },
})
process.stdin.on('end', () => process.exit(0)).resume()
