/** A partnership of its own for one test: custodians' files in a folder, and the connections that come of them. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Connection } from '../../adapters/contract.ts'
import { type Custodians, connectCustodians } from '../../adapters/index.ts'

export interface Partnership extends Custodians {
  connection(id: string): Connection
  close(): Promise<void>
}

/** @param files by name: YAML, and GraphQL operations beside it */
export async function partnershipOf(
  files: Readonly<Record<string, string>>,
  env: Readonly<Record<string, string>> = {},
): Promise<Partnership> {
  const folder = await mkdtemp(join(tmpdir(), 'partnership-'))
  try {
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
    return await partnershipIn([folder], env)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

export async function partnershipIn(
  folders: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Partnership> {
  const connected = await connectCustodians({ folders, env })
  return {
    ...connected,
    connection(id) {
      const connection = connected.connections.find(({ custodian }) => custodian.id === id)
      if (connection === undefined) throw new Error(`${id} is not connected`)
      return connection
    },
    close: async () => {
      await Promise.all(connected.connections.map((connection) => connection.close()))
    },
  }
}
