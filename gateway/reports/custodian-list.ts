/**
 * The custodians of the partnership as their files describe them: who they are, of which sector, and whom to ring.
 * Needs no connection and no secret; refuses a file that does not say as much.
 */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'
import { sectors } from '../../schema/record-type.ts'
import { Refusal } from '../../schema/refusal.ts'

const Described = z.object({
  id: z.string(),
  name: z.string(),
  agency: z.string(),
  sector: z.enum(sectors),
  contact: z.object({ name: z.string(), telephone: z.string() }),
  records: z.record(z.string(), z.unknown()).default({}),
})

export interface ListedCustodian extends Omit<z.infer<typeof Described>, 'records'> {
  /** kinds of record that it can give, by its file; a preset may add to them */
  readonly recordTypes: readonly string[]
}

/** @param folders one file per custodian in each. @throws Refusal CUSTODIANS_INVALID */
export async function listCustodians(folders: readonly string[]): Promise<readonly ListedCustodian[]> {
  const found: ListedCustodian[] = []
  for (const folder of folders) {
    const names = await readdir(folder).catch(() => {
      throw new Refusal('CUSTODIANS_INVALID', `\`${folder}\` cannot be read; name a folder of custodians`)
    })
    for (const name of names.filter((each) => /\.ya?ml$/.test(each)).sort()) {
      const read = Described.safeParse(parse(await readFile(join(folder, name), 'utf8')))
      if (!read.success)
        throw new Refusal(
          'CUSTODIANS_INVALID',
          `${name} does not say who the custodian is: ${read.error.issues[0]?.path.join('.')}`,
        )
      const { records, ...custodian } = read.data
      found.push({ ...custodian, recordTypes: Object.keys(records).sort() })
    }
  }
  return found
}
