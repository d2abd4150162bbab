/**
 * Reads a folder of custodian files in the format of the Department for Education's prototype, when it is asked to and
 * from where it is. Refuses a folder without any, and a file that is not in the format.
 */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { isNhsNumber } from '../../../schema/nhs-number.ts'
import { Refusal } from '../../../schema/refusal.ts'

const CustodianFile = z.object({
  orgId: z.string(),
  orgName: z.string(),
  orgType: z.string(),
  records: z.array(
    z.object({
      recordId: z.string(),
      personId: z.string(),
      recordType: z.string(),
      version: z.string(),
      schemaUri: z.string(),
      systemId: z.string(),
      contactDetails: z.array(z.unknown()).nullish(),
      recordLink: z.array(z.unknown()).nullish(),
      payload: z.record(z.string(), z.unknown()),
    }),
  ),
})
export type DfeCustodian = z.infer<typeof CustodianFile>
export type DfeRecord = DfeCustodian['records'][number]

/** @throws Refusal where a folder holds no custodian file, or one that is not in the format */
export async function readDfeFolders(folders: readonly string[]): Promise<DfeCustodian[]> {
  const found: DfeCustodian[] = []
  for (const folder of folders) {
    const names = await readdir(folder).catch(() => {
      throw new Refusal(
        'CUSTODIANS_FOLDER_MISSING',
        `\`${folder}\` cannot be read; name a folder of custodian files`,
      )
    })
    const before = found.length
    for (const name of names.filter((file) => file.endsWith('.json')).sort()) {
      const content: unknown = JSON.parse(await readFile(join(folder, name), 'utf8'))
      if (typeof content !== 'object' || content === null || !('orgId' in content)) continue
      const read = CustodianFile.safeParse(content)
      if (!read.success) {
        const faults = read.error.issues.map((issue) => `  ${name}: ${issue.path.join('.')} ${issue.message}`)
        throw new Refusal(
          'CUSTODIAN_FILE_INVALID',
          `a custodian file is not in the format:\n${faults.join('\n')}`,
        )
      }
      found.push(read.data)
    }
    if (found.length === before)
      throw new Refusal(
        'CUSTODIANS_FOLDER_EMPTY',
        `\`${folder}\` holds no custodian file (JSON with an \`orgId\`)`,
      )
  }
  return found
}

/** Those of the folders that hold the DfE's files; the others hold custodians of another kind. */
export async function foldersOfDfeFiles(folders: readonly string[]): Promise<string[]> {
  const found = await Promise.all(
    folders.map(async (folder) =>
      (await readDfeFolders([folder]).catch(() => [])).length > 0 ? [folder] : [],
    ),
  )
  return found.flat()
}

/** The people in the files whom some custodian names in full, for whoever must open a case on them. */
export function childrenIn(custodians: readonly DfeCustodian[]) {
  const named = custodians.flatMap(({ records }) =>
    records.flatMap(({ personId, payload }) => {
      const { firstName, lastName, dateOfBirth } = payload
      const inFull =
        typeof firstName === 'string' && typeof lastName === 'string' && typeof dateOfBirth === 'string'
      if (!inFull || !isNhsNumber(personId)) return []
      return [
        { nhsNumber: personId, dateOfBirth, givenNames: [firstName], familyNames: [lastName], labels: [] },
      ]
    }),
  )
  return [...new Map(named.map((child) => [child.nhsNumber, child])).values()]
}
