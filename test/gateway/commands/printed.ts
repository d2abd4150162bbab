/** Runs a command in this process, as from a terminal that asks a gateway under test. */
import type { Command } from 'commander'
import { inject, vi } from 'vitest'
import type { GatewayUnderTest } from '../../gateway-under-test.ts'

/** Until `vi.unstubAllEnvs`. */
export function askingAt({ url }: Pick<GatewayUnderTest, 'url'>): void {
  const { issuer, audience } = inject('partners')
  vi.stubEnv('SIGHTLINE_URL', url)
  vi.stubEnv('OIDC_ISSUER', issuer)
  vi.stubEnv('OIDC_AUDIENCE', audience)
}

/** @returns what a person would read */
export async function printed(command: Command, ...args: string[]): Promise<string> {
  let out = ''
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    out += String(text)
    return true
  })
  try {
    await command.parseAsync(args, { from: 'user' })
  } finally {
    vi.restoreAllMocks()
  }
  return out
}
