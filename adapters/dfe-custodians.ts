/**
 * Takes a JSON file in which the Department for Education published an example custodian as that custodian's
 * description, as if it were YAML with the preset `dfe-custodian`. Keeps who it is and nothing that it holds.
 */
import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import type { Sector } from '../schema/record-type.ts'
import type { Written } from './preset.ts'

const organisation = z.object({
  orgId: z.string().regex(/^[A-Z0-9-]+$/),
  orgName: z.string().min(1),
  orgType: z.string(),
  records: z.array(z.object({ contactDetails: z.array(z.unknown()).nullish() })),
})

const contactDetail = z.object({ name: z.string(), telephone: z.string(), email: z.string().nullish() })

/** `FAUX` is an organisation for negative tests: it is in no sector, and is put where it is asked least. */
const sectorOf: Readonly<Record<string, Sector>> = {
  LOCAL_AUTHORITY: 'social-care',
  HEALTH: 'health',
  EDUCATION: 'education',
  POLICE: 'police',
  FAUX: 'social-care',
}

/** @returns what a custodian's YAML would say, or null where the JSON file describes no custodian */
export async function dfeCustodianIn(path: string): Promise<Written | null> {
  const read = organisation.safeParse(await jsonIn(path))
  if (!read.success) return null
  const { orgId, orgName, orgType, records } = read.data
  const sector = Object.hasOwn(sectorOf, orgType) ? sectorOf[orgType] : undefined
  if (sector === undefined)
    return { faults: [{ key: 'orgType', remedy: `use one of ${Object.keys(sectorOf).join(', ')}` }] }
  const id = `dfe-${orgId.toLowerCase()}`
  const contact = contactDetail.safeParse(records[0]?.contactDetails?.[0]).data
  return {
    content: {
      preset: 'dfe-custodian',
      id,
      name: orgName,
      agency: id,
      sector,
      contact: {
        name: contact?.name ?? orgName,
        telephone: contact?.telephone ?? 'not published',
        email: contact?.email ?? null,
      },
      connection: { values: { orgId } },
    },
  }
}

async function jsonIn(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'))
  } catch {
    return null
  }
}
