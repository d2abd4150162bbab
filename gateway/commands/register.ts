/** `sightline register import <file>` takes over practitioners, nominations and case relationships of one source. */
import { Command } from 'commander'
import { childKeys } from '../access/child-keys.ts'
import { openRegister } from '../access/register.ts'
import { readRegister } from '../access/register-file.ts'
import { readConfig } from '../config.ts'
import { childPseudonyms } from '../ledger/pseudonym.ts'
import { openStore } from '../store.ts'

export const registerCommand = () =>
  new Command('register').description('the register of practitioners and cases').addCommand(
    new Command('import')
      .description('take over a register file; it replaces all that its source said before')
      .argument('<file>', 'YAML or JSON; needs the settings of the gateway in the environment')
      .action(async (file: string) => {
        const config = readConfig(process.env)
        const read = await readRegister(file)
        const key = config.PSEUDONYM_KEY
        const pool = openStore({ connectionString: config.DATABASE_URL, max: 1 })
        try {
          const keys = childKeys(childPseudonyms({ pool, key }), key)
          const taken = await openRegister(pool, keys).takeOver(read, config.OIDC_ISSUER)
          process.stdout.write(
            `taken over from ${read.source}: ${taken.practitioners} practitioners, ${taken.cases} cases\n`,
          )
        } finally {
          await pool.end()
        }
      }),
  )
