/** Which sections of a bench are wanted: those that the command names, or all. An unknown name ends the bench. */

export function wantedSections(
  sections: Readonly<Record<string, unknown>>,
  named: readonly string[],
): string[] {
  const known = Object.keys(sections)
  const unknown = named.filter((name) => !known.includes(name))
  if (unknown.length > 0) {
    process.stderr.write(`no section \`${unknown.join(', ')}\`; there are: ${known.join(', ')}\n`)
    process.exit(1)
  }
  return named.length > 0 ? [...named] : known
}
