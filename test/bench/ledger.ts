/**
 * What the ledger costs beside its rivals. `npm run bench -- ledger [SECTION…] [--json]`; all sections where none is
 * named. Compare the ratios within one run, not the figures of two machines.
 */
import { availableParallelism, loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { commits } from './ledger-commit.ts'
import { type Row, report } from './table.ts'

const { positionals } = parseArgs({ allowPositionals: true, options: { json: { type: 'boolean' } } })

/** One file a section. */
const SECTIONS: Readonly<Record<string, () => Promise<Row[]>>> = {
  commits,
}

const wanted = positionals.length > 0 ? positionals : Object.keys(SECTIONS)
const unknown = wanted.filter((name) => !Object.hasOwn(SECTIONS, name))
if (unknown.length > 0) {
  process.stderr.write(
    `no section \`${unknown.join(', ')}\`; there are: ${Object.keys(SECTIONS).join(', ')}\n`,
  )
  process.exit(1)
}

const tables: Record<string, readonly Row[]> = {
  run: [{ node: process.version, cores: availableParallelism(), 'load at start': loadavg()[0] ?? 0 }],
}
for (const name of wanted) tables[name] = (await SECTIONS[name]?.()) ?? []
report('ledger', tables)
