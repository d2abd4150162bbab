/** `sightline token <persona>` signs in one of the local partners' personas and prints her access token. */
import { Command } from 'commander'
import { Refusal } from '../../schema/refusal.ts'
import { accessTokenFor } from '../local/sign-in.ts'
import { runningStart } from './running-start.ts'

export async function tokenOf(persona: string): Promise<string> {
  const { issuer, audience } = await runningStart()
  try {
    return await accessTokenFor({ issuer, persona, audience })
  } catch (error) {
    if (error instanceof Refusal) throw error
    throw new Refusal(
      'SIGN_IN_FAILED',
      `nobody can be signed in at ${issuer}: it does not answer, or it is not the local identity provider, the only one at which this command can sign in`,
    )
  }
}

export const tokenCommand = () =>
  new Command('token')
    .description('print an access token of a persona (local identity provider only)')
    .argument('<persona>', 'such as lcpp, macpt-police, ig-lead')
    .action(async (persona: string) => {
      process.stdout.write(`${await tokenOf(persona)}\n`)
    })
