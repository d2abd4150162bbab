/** Where the gateway and the identity provider are that `npm start` brought up, or that the environment names. */
import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { Refusal } from '../../schema/refusal.ts'
import { dataFolder } from '../local/data-folder.ts'

const Running = z.object({
  gateway: z.url(),
  issuer: z.url(),
  audience: z.string(),
  /** the register that was taken over, from which the case of a child is looked up locally */
  register: z.string().nullable(),
})

export type Running = z.infer<typeof Running>

export async function runningStart(): Promise<Running> {
  const { SIGHTLINE_URL: gateway, OIDC_ISSUER: issuer, OIDC_AUDIENCE: audience } = process.env
  if (gateway && issuer && audience) return { gateway, issuer, audience, register: null }
  try {
    return Running.parse(JSON.parse(await readFile(`${dataFolder(process.env)}/running.json`, 'utf8')))
  } catch {
    throw new Refusal('NOT_RUNNING', 'no gateway is running here; start one with `npm start` and try again')
  }
}
