/** The credentials with which the gateway signs in at the agencies: made once on this machine, kept out of the repository. */
import { randomBytes } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'

const secret = z.string().min(20)
const Credentials = z.object({
  policeReader: secret,
  childrensServicesReader: secret,
  hollybankToken: secret,
  westvaleToken: secret,
  educationWelfareKey: secret,
  eastmereToken: secret,
  dfeClientSecret: secret,
})
export type Credentials = z.infer<typeof Credentials>

/** @returns those of an earlier start where they are whole, new ones otherwise */
export async function credentialsIn(dataDir: string): Promise<Credentials> {
  const file = join(dataDir, 'credentials.json')
  const kept = await readFile(file, 'utf8').then(JSON.parse, () => null)
  const read = Credentials.safeParse(kept)
  if (read.success) return read.data
  const fresh = () => randomBytes(24).toString('base64url')
  const made: Credentials = {
    policeReader: fresh(),
    childrensServicesReader: fresh(),
    hollybankToken: fresh(),
    westvaleToken: fresh(),
    educationWelfareKey: fresh(),
    eastmereToken: fresh(),
    dfeClientSecret: fresh(),
  }
  await mkdir(dataDir, { recursive: true })
  await writeFile(file, JSON.stringify(made, null, 2), { mode: 0o600 })
  return made
}
