/**
 * The agency's own door in front of its database: passes the PostgreSQL protocol on unchanged and writes down which
 * views and columns were read, for which of the gateway's events. Understands only what it must to do so; changes no byte.
 */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import type { AccessLog } from './access-log.ts'

export interface DatabaseFront {
  readonly port: number
  stop(): Promise<void>
}

/** Requests for TLS or GSS before the start-up message (PostgreSQL protocol 3.0, SSLRequest and GSSENCRequest). */
const ENCRYPTION_REQUESTS: readonly number[] = [80_877_103, 80_877_104]

/** @param schema the schema of the shared views, whose names the log holds */
export async function openDatabaseFront(
  target: { readonly host: string; readonly port: number },
  schema: string,
  log: AccessLog,
): Promise<DatabaseFront> {
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    const database = connect(target.port, target.host)
    const read = reader(schema, log)
    for (const socket of [client, database]) {
      sockets.add(socket)
      socket.setNoDelay(true)
      socket.on('error', () => undefined)
      socket.on('close', () => {
        sockets.delete(socket)
        client.destroy()
        database.destroy()
      })
    }
    client.on('data', read)
    client.pipe(database)
    database.pipe(client)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    async stop() {
      server.close()
      for (const socket of sockets) socket.destroy()
      if (server.listening) await once(server, 'close')
    },
  }
}

/** Follows one client's messages. A message may come in pieces, and one piece may hold several. */
function reader(schema: string, log: AccessLog): (piece: Buffer) => void {
  const views = new RegExp(`"?${schema}"?\\."?([a-z0-9_]+)"?`, 'g')
  const selects = new RegExp(
    `(?:\\bSELECT\\s+([^()]*?)\\s+)?\\bFROM\\s+"?${schema}"?\\."?([a-z0-9_]+)"?`,
    'gi',
  )
  const prepared = new Map<string, string>()
  let waiting: Buffer = Buffer.alloc(0)
  let started = false
  let eventId: string | null = null

  const note = (sql: string) => {
    eventId = /sightline-event-id\W+([\w.:-]+)/.exec(sql)?.[1] ?? eventId
    const kinds = [...new Set([...sql.matchAll(views)].map((match) => match[1] ?? ''))]
    if (kinds.length > 0)
      log.write({
        method: 'SELECT',
        path: kinds.map((kind) => `${schema}.${kind}`).join(' '),
        eventId,
        kinds,
        fields: fieldsIn(sql, kinds),
        status: null,
      })
  }
  /** Of a view that is read in another way than `SELECT a, b FROM view`, every column may have been. */
  const fieldsIn = (sql: string, kinds: readonly string[]): readonly string[] => {
    const found = new Map(kinds.map((kind) => [kind, new Set<string>()]))
    let explained = 0
    for (const [, list, view = ''] of sql.matchAll(selects)) {
      explained += 1
      for (const column of columnsIn(list)) found.get(view)?.add(column)
    }
    const all = [...sql.matchAll(views)].length
    return [...found].flatMap(([view, columns]) =>
      (explained < all || columns.size === 0 || columns.has('*') ? ['*'] : [...columns]).map(
        (column) => `${view}.${column}`,
      ),
    )
  }
  const understand = (type: string, body: Buffer) => {
    if (type === 'Q') {
      const sql = texts(body, 0)[0] ?? ''
      eventId = /application_name\W+(?:TO|=)?\W*'([\w.:-]+)'/i.exec(sql)?.[1] ?? eventId
      note(sql)
    } else if (type === 'P') {
      const [name = '', sql = ''] = texts(body, 0)
      prepared.set(name, sql)
    } else if (type === 'B') {
      const [portal = '', name = ''] = texts(body, 0)
      const sql = prepared.get(name) ?? ''
      const values = bound(body, Buffer.byteLength(portal) + Buffer.byteLength(name) + 2)
      if (sql.includes('application_name')) eventId = values.at(-1) ?? eventId
      note(sql)
    }
  }
  return (piece) => {
    waiting = waiting.length === 0 ? piece : Buffer.concat([waiting, piece])
    for (;;) {
      const head = started ? 1 : 0
      if (waiting.length < head + 4) return
      const length = waiting.readUInt32BE(head)
      if (length < 4 || waiting.length < head + length) return
      const body = waiting.subarray(head + 4, head + length)
      if (started) understand(String.fromCharCode(waiting[0] ?? 0), body)
      else if (!ENCRYPTION_REQUESTS.includes(body.readUInt32BE(0))) {
        started = true
        const settings = texts(body, 4)
        const place = settings.indexOf('application_name')
        eventId = place < 0 ? null : (settings[place + 1] ?? null)
      }
      waiting = waiting.subarray(head + length)
    }
  }
}

/** @returns `*` where a list holds anything but names of columns: a value in it must not reach the log */
function columnsIn(list = '*'): readonly string[] {
  const columns = list.split(',').map((each) => /^\s*"?([a-z_][a-z0-9_]*)"?\s*$/.exec(each)?.[1])
  return columns.every((column) => column !== undefined) ? columns : ['*']
}

/** Strings that end in a zero byte, one after the other. */
const texts = (body: Buffer, from: number): string[] => body.subarray(from).toString('utf8').split('\0')

/** The text values of a Bind message; binary ones come out as they are and are never used. */
function bound(body: Buffer, from: number): string[] {
  let place = from + 2 + 2 * body.readUInt16BE(from)
  const values: string[] = []
  const count = body.readUInt16BE(place)
  place += 2
  for (let value = 0; value < count; value++) {
    const length = body.readInt32BE(place)
    place += 4
    values.push(length < 0 ? '' : body.subarray(place, place + length).toString('utf8'))
    place += Math.max(length, 0)
  }
  return values
}
