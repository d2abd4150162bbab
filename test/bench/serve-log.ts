/** A published log over HTTP, as a process of its own; tells its parent on which port. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Pool } from 'pg'
import { publishedLog } from '../../gateway/ledger/tree/published-log.ts'

const pool = new Pool({ connectionString: process.argv[2] })
pool.on('error', () => undefined) // the cluster is stopped under it
const log = publishedLog(pool)
const server = createServer(async (request, response) => {
  const found = await log.read((request.url ?? '').replace('/ledger/', ''))
  response.writeHead(found ? 200 : 404).end(found?.body)
})
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port))
process.on('disconnect', () => process.exit())
