/** Lines of a table, its columns as wide as their longest cell; numbers stand to the right. Refuses no cell its whole text. */
export type Cell = string | number

export function tableLines(head: readonly string[], rows: readonly (readonly Cell[])[]): string[] {
  const told = rows.map((row) =>
    row.map((cell) => (typeof cell === 'number' ? cell.toLocaleString('en-GB') : cell)),
  )
  const widths = head.map((title, place) =>
    Math.max(title.length, ...told.map((row) => row[place]?.length ?? 0)),
  )
  const isNumber = head.map(
    (_, place) => rows.length > 0 && rows.every((row) => typeof row[place] === 'number'),
  )
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, place) =>
        isNumber[place] ? cell.padStart(widths[place] ?? 0) : cell.padEnd(widths[place] ?? 0),
      )
      .join('  ')
      .trimEnd()
  return [line(head.map((title) => title.toUpperCase())), ...told.map(line)]
}
