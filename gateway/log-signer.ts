/** The key and the name under which this gateway signs its access log. */
import type { Config } from './config.ts'
import { type NoteSigner, noteSigner } from './ledger/tree/signed-note.ts'

export const logSigner = ({ LEDGER_ORIGIN, LEDGER_SIGNING_KEY, PARTNERSHIP }: Config): NoteSigner =>
  noteSigner('log', LEDGER_ORIGIN ?? `${PARTNERSHIP}.sightline`, LEDGER_SIGNING_KEY)
