/**
 * The witnesses that a gateway is told of, as a setting or an option writes them. Refuses a key twice: an Ed25519
 * cosignature does not say under which name it was made, so one key could pass for two agencies.
 */
import { Refusal } from '../../../schema/refusal.ts'
import { type NoteVerifier, verifierFrom } from '../tree/signed-note.ts'
import type { KnownWitness } from './ask.ts'

/** @param text `<address> <verifier key>` of each, with commas between. @throws Refusal WITNESSES_WRONG */
export function witnessesIn(text: string): KnownWitness[] {
  const witnesses = text
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '')
    .map((each) => {
      const [url = '', key = '', ...more] = each.split(/\s+/)
      if (more.length > 0 || !/^https?:\/\//.test(url) || !URL.canParse(url))
        throw new Refusal(
          'WITNESSES_WRONG',
          'must be `<address> <verifier key>` of each, with commas between',
        )
      return { url, verifier: verifierFrom(key) }
    })
  distinctWitnesses(witnesses.map(({ verifier }) => verifier))
  return witnesses
}

/** @throws Refusal WITNESSES_WRONG where one is no witness's key, or stands there twice */
export function distinctWitnesses(verifiers: readonly NoteVerifier[]): readonly NoteVerifier[] {
  for (const [place, { kind, name, publicKey }] of verifiers.entries()) {
    if (kind !== 'witness')
      throw new Refusal('WITNESSES_WRONG', `\`${name}\` is the key of a log, not of a witness`)
    const twin = verifiers
      .slice(0, place)
      .find((each) => each.name === name || each.publicKey.equals(publicKey))
    if (twin)
      throw new Refusal('WITNESSES_WRONG', `\`${twin.name}\` and \`${name}\` are one witness; name each once`)
  }
  return verifiers
}
