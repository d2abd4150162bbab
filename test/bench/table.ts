/** Prints the figures of a bench as tables, or as one JSON object with `--json`; nothing else goes to standard output. */

export type Row = Readonly<Record<string, string | number>>

/** @param tables one or several, each under its name */
export function report(bench: string, tables: Readonly<Record<string, readonly Row[]>>): void {
  if (process.argv.includes('--json')) {
    process.stdout.write(`${JSON.stringify({ bench, ...tables })}\n`)
    return
  }
  const named = Object.entries(tables)
  const texts = named.map(([name, rows]) => (named.length > 1 ? `${name}\n${tableOf(rows)}` : tableOf(rows)))
  process.stdout.write(`${texts.join('\n\n')}\n`)
}

function tableOf(rows: readonly Row[]): string {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))]
  const cell = (row: Row, column: string) => {
    const value = row[column] ?? ''
    return typeof value === 'number' ? String(Math.round(value * 100) / 100) : value
  }
  const width = (column: string) => Math.max(column.length, ...rows.map((row) => cell(row, column).length))
  const line = (cells: (column: string) => string) =>
    columns.map((column) => cells(column).padEnd(width(column))).join('  ')
  return [line((column) => column), ...rows.map((row) => line((column) => cell(row, column)))].join('\n')
}

/** @param share 0.5 for the median */
export function at(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
}
