/**
 * The settings of the gateway, for commands that look after it: from the environment, or those with which `npm start`
 * started the one on this machine. They hold secrets and are never printed.
 */
import { readFile } from 'node:fs/promises'
import { Refusal } from '../../schema/refusal.ts'
import { type Config, readConfig } from '../config.ts'
import { placesIn } from '../local/data-folder.ts'
import { readLocalSettings } from '../local/local-settings.ts'

/** @throws Refusal NOT_RUNNING, CONFIGURATION_INVALID */
export async function operatorSettings(): Promise<Config> {
  if (process.env.DATABASE_URL) return readConfig(process.env)
  const { gatewaySettings } = placesIn(readLocalSettings(process.env).dataDir)
  const written = await readFile(gatewaySettings, 'utf8').catch(() => null)
  if (written === null)
    throw new Refusal(
      'NOT_RUNNING',
      'no gateway was started here; run `npm start`, or set the settings of the gateway in the environment',
    )
  return readConfig(JSON.parse(written))
}
