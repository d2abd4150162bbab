/** `npm run bench -- NAME [--json]`: measures one thing beside its rivals, in one run. */
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const BENCHES = {
  deadline: './deadline.ts',
  picture: './picture.ts',
  ledger: './ledger.ts',
} as const

const [name = '', ...rest] = process.argv.slice(2)
if (!Object.hasOwn(BENCHES, name)) {
  process.stderr.write(`name a bench: ${Object.keys(BENCHES).join(', ')}\n`)
  process.exit(1)
}
const entry = fileURLToPath(new URL(BENCHES[name as keyof typeof BENCHES], import.meta.url))
execFileSync(process.execPath, ['--import', 'tsx', entry, ...rest], { stdio: 'inherit' })
