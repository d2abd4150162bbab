/** `npm run bench -- NAME [--json]`: measures one thing beside its rivals, in one run. */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { runTypeScript } from '../../gateway/local/part.ts'

const BENCHES = {
  deadline: './deadline.ts',
  picture: './picture.ts',
  ledger: './ledger.ts',
  policy: './policy.ts',
  hidden: './hidden.ts',
} as const

const [name = '', ...rest] = process.argv.slice(2)
if (!Object.hasOwn(BENCHES, name)) {
  process.stderr.write(`name a bench: ${Object.keys(BENCHES).join(', ')}\n`)
  process.exit(1)
}
const entry = fileURLToPath(new URL(BENCHES[name as keyof typeof BENCHES], import.meta.url))
const { status } = spawnSync(process.execPath, [...runTypeScript(), entry, ...rest], { stdio: 'inherit' })
process.exitCode = status ?? 1
