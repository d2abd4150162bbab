/**
 * What the ledger costs beside its rivals. `npm run bench -- ledger [SECTION…] [--records 200000] [--json]`; all sections
 * where none is named; --records is the length of the log that is checked, and of the backlog that is drained. Compare the ratios within one run, not the figures of two machines.
 */
import { availableParallelism, loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { commits } from './ledger-commit.ts'
import { draining } from './ledger-drain.ts'
import { sequencing } from './ledger-sequence.ts'
import { verification } from './ledger-verify.ts'
import { wantedSections } from './sections.ts'
import { type Row, report } from './table.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'boolean' }, records: { type: 'string', default: '200000' } },
})

/** One file a section. */
const SECTIONS: Readonly<Record<string, () => Promise<Row[]>>> = {
  commits,
  sequencing,
  draining: () => draining(Number(values.records)),
  verification: () => verification(Number(values.records)),
}

const wanted = wantedSections(SECTIONS, positionals)

const tables: Record<string, readonly Row[]> = {
  run: [{ node: process.version, cores: availableParallelism(), 'load at start': loadavg()[0] ?? 0 }],
}
for (const name of wanted) tables[name] = (await SECTIONS[name]?.()) ?? []
report('ledger', tables)
