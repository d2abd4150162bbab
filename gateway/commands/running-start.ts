/** Where the gateway and the identity provider are that `npm start` brought up, or that the environment names. */
import { Refusal } from '../../schema/refusal.ts'
import { placesIn, runningIn } from '../local/data-folder.ts'
import { readLocalSettings } from '../local/local-settings.ts'

export interface RunningStart {
  readonly gateway: string
  readonly issuer: string
  readonly audience: string
  /** the register that was taken over, from which the case of a child is looked up; only on a laptop */
  readonly register: string | null
}

export async function runningStart(): Promise<RunningStart> {
  const { SIGHTLINE_URL: gateway, OIDC_ISSUER: issuer, OIDC_AUDIENCE: audience } = process.env
  if (gateway && issuer && audience) return { gateway, issuer, audience, register: null }
  if (gateway)
    throw new Refusal(
      'SETTINGS_WRONG',
      'SIGHTLINE_URL names a gateway; set OIDC_ISSUER and OIDC_AUDIENCE to those of the same gateway, too',
    )
  const { dataDir } = readLocalSettings(process.env)
  const running = await runningIn(dataDir)
  if (!running)
    throw new Refusal('NOT_RUNNING', 'no gateway is running here; start one with `npm start` and try again')
  return { ...running, gateway: running.gatewayUrl, register: placesIn(dataDir).register }
}
