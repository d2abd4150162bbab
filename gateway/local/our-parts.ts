/** Starts our own programs, gateway and identity provider, each as a process of its own. */
import { mkdir } from 'node:fs/promises'
import { writePrivately } from './data-folder.ts'
import type { IdentityProviderOptions } from './identity-provider-configuration.ts'
import { ourProgram, type Part, startPart } from './part.ts'

export function startGateway(url: string, env: NodeJS.ProcessEnv, logFile: string): Promise<Part> {
  return startPart({
    name: 'the gateway',
    ...ourProgram(new URL('../main.ts', import.meta.url)),
    env,
    logFile,
    ready: () => answersWell(`${url}/health/ready`),
  })
}

export async function startIdentityProviderPart(plan: {
  options: IdentityProviderOptions
  file: string
  issuer: string
  logFile: string
}): Promise<Part> {
  await mkdir(plan.options.dataDir, { recursive: true })
  await writePrivately(plan.file, plan.options)
  return startPart({
    name: 'the identity provider',
    ...ourProgram(new URL('identity-provider-main.ts', import.meta.url), plan.file),
    logFile: plan.logFile,
    ready: () => answersWell(`${plan.issuer}/.well-known/openid-configuration`),
  })
}

const answersWell = async (url: string): Promise<boolean> =>
  (await fetch(url, { signal: AbortSignal.timeout(2_000) })).ok
