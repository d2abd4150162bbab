/** What a newcomer reads is true: every link, file, setting, script and command that the pages name exists. */
import { existsSync, readdirSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Command } from 'commander'
import { describe, expect, test } from 'vitest'
import { sightlineCommand } from '../gateway/commands/sightline.ts'
import packageJson from '../package.json' with { type: 'json' }

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const DECISIONS = (await readdir(join(ROOT, 'docs/decisions'))).map((name) => `docs/decisions/${name}`)
const PAGES = [
  'README.md',
  'GLOSSARY.md',
  'adapters/README.md',
  'policies/README.md',
  'gateway/ledger/README.md',
  'gateway/reader/README.md',
  'gateway/local/agencies/README.md',
  ...DECISIONS,
]

const read = (path: string) => readFile(join(ROOT, path), 'utf8')
const all = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map((match) => match[1] ?? '')

/** A folder, or a file of a kind that we write; `<sector>` stands for any name, and `my-…` is the reader's own. */
const FILE = /^(?!\/|https?:|my-)[\w.<>-]*(\/[\w.<>-]+)*\/?$/
const isFile = (code: string) =>
  code.includes('/') &&
  FILE.test(code) &&
  (code.endsWith('/') || /\.(ts|js|sql|ya?ml|json|md|cedar|cedarschema|graphql)$/.test(code))

/** `schema/<sector>.ts`: any file there that is called so. */
function exists(path: string): boolean {
  if (!path.includes('<')) return existsSync(path)
  const name = new RegExp(
    `^${basename(path)
      .replaceAll('.', '\\.')
      .replaceAll(/<[^>]+>/g, '.+')}$`,
  )
  return existsSync(dirname(path)) && readdirSync(dirname(path)).some((each) => name.test(each))
}

/** Pages name files from the root, from their own folder, or beneath `gateway/`, of which most speak. */
const isThere = (path: string, from: string) =>
  ['.', from, 'gateway'].some((folder) => exists(join(ROOT, folder, path)))

describe.each(PAGES)('%s', (page) => {
  test('every relative link leads somewhere', async () => {
    const links = all(await read(page), /\]\(([^)#\s]+)[^)]*\)/g).filter((link) => !/^[a-z]+:/.test(link))
    expect(links.filter((link) => !existsSync(join(ROOT, dirname(page), link)))).toEqual([])
  })

  test('every file that it names exists', async () => {
    const files = all(await read(page), /`([^`\n]+)`/g).filter(isFile)
    expect(files.filter((file) => !isThere(file, dirname(page)))).toEqual([])
  })

  test('every npm script that it names exists', async () => {
    const scripts = all(await read(page), /\bnpm run ([\w:-]+)/g)
    expect(scripts.filter((script) => !Object.hasOwn(packageJson.scripts, script))).toEqual([])
  })
})

test('the index of decisions names every decision by its title', async () => {
  const index = await read('docs/decisions/README.md')
  for (const path of DECISIONS.filter((each) => /\/\d{4}-/.test(each))) {
    const [, number, title] = /^# (\d{4}) (.+)$/m.exec(await read(path)) ?? []
    expect(index.replaceAll(/ +\|/g, ' |')).toContain(`[${number}](${path.split('/').at(-1)}) | ${title} |`)
  }
})

describe('the settings', async () => {
  const readme = await read('README.md')
  const declared = async (path: string) =>
    all((await read(path)).split('z.object({')[1]?.split('\n})')[0] ?? '', /^ {2}([A-Z][A-Z_]*):/gm).sort()
  const named = (text: string) => all(text, /`([A-Z][A-Z_]{3,})`/g).sort()
  const [table = '', afterwards = ''] = (readme.split('### Settings of the gateway')[1] ?? '').split(
    '`npm start` sets',
  )

  test('of the gateway are those of its configuration, all and no others', async () => {
    const rows = table.split('\n').filter((line) => line.startsWith('| `'))
    expect(named(rows.join('\n'))).toEqual(await declared('gateway/config.ts'))
  })

  test('of `npm start` are those that it reads', async () => {
    const own = afterwards.split('Its own settings:')[1]?.split('\n')[0] ?? ''
    expect(named(own)).toEqual(await declared('gateway/local/local-settings.ts'))
  })
})

/** @returns the words of the line that no command is called, and the options that its command does not have */
function unknownIn(line: string, sightline: Command): readonly string[] {
  const words = line.split(/\s+/)
  let command = sightline
  while (command.commands.length > 0) {
    const name = words.shift() ?? ''
    if (name === '--help') return []
    const next = command.commands.find((each) => each.name() === name)
    if (next === undefined) return [name]
    command = next
  }
  const known = ['--help', ...command.options.map(({ long }) => long)]
  return words.filter((word) => word.startsWith('--') && !known.includes(word))
}

test('every command and option of `npx sightline` that a page names exists', async () => {
  const texts = await Promise.all(PAGES.map(read))
  const lines = texts.flatMap((text) => all(text, /(?:^|`)npx sightline ([^`#\n]+)/gm))
  expect(lines.length).toBeGreaterThan(3)
  const sightline = await sightlineCommand()
  const unknown = lines.map((line) => ({ line, unknown: unknownIn(line, sightline) }))
  expect(unknown.filter((each) => each.unknown.length > 0)).toEqual([])
})
