/** The walk-through of policies/README.md, run as it is written: its edits and its commands, on a copy of the policies. */
import { execFile } from 'node:child_process'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '../../..')
const command = join(root, 'gateway/commands/sightline.js')

let dir: string
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'walk-through-'))
  await cp(join(root, 'policies'), join(dir, 'policies'), { recursive: true })
})
afterAll(() => rm(dir, { recursive: true }))

/** Fenced blocks after the heading of the walk-through, in order: `sh` to run, `diff` to edit, `text` to be seen. */
const blocks = async () => {
  const readme = await readFile(join(root, 'policies/README.md'), 'utf8')
  const walk = readme.slice(readme.indexOf('## Try it'))
  return [...walk.matchAll(/^```(\w+) ?(.*)\n([\s\S]*?)^```$/gm)].map(([, kind, file = '', body = '']) => ({
    kind,
    file,
    body,
  }))
}

const run = (line: string) =>
  new Promise<{ code: number; output: string }>((done) => {
    const [name = '', ...args] = line.split(' ')
    const [program, given] = name === 'npx' ? [process.execPath, [command, ...args.slice(1)]] : [name, args]
    execFile(program, given, { cwd: dir }, (error, stdout, stderr) =>
      done({ code: error ? Number(error.code) : 0, output: `${stdout}${stderr}` }),
    )
  })

/** Lines without a sign, or with a minus, are there before; those without, or with a plus, after. */
async function edit(file: string, body: string): Promise<void> {
  const lines = body.split('\n').slice(0, -1)
  const side = (other: string) =>
    lines
      .filter((line) => !line.startsWith(other))
      .map((line) => line.slice(1))
      .join('\n')
  const path = join(dir, file)
  const text = await readFile(path, 'utf8')
  expect(text.split(side('+')), `the lines to edit are once in ${file}`).toHaveLength(2)
  await writeFile(
    path,
    text.replace(side('+'), () => side('-')),
  )
}

/** `…` stands for whatever is there. */
const seen = (line: string) =>
  new RegExp(
    `^${line
      .split('…')
      .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
      .join('.*')}$`,
    'm',
  )

test('each command says what the page shows, and fails only where the page says so', {
  timeout: 240_000,
}, async () => {
  const steps = await blocks()
  expect(steps.filter(({ kind }) => kind === 'diff').length).toBeGreaterThanOrEqual(4)
  let output = ''
  const codes: number[] = []
  for (const { kind, file, body } of steps) {
    if (kind === 'diff') await edit(file, body)
    if (kind === 'text') for (const line of body.trimEnd().split('\n')) expect(output).toMatch(seen(line))
    if (kind !== 'sh') continue
    output = ''
    for (const line of body.trim().split('\n')) {
      const ran = await run(line)
      codes.push(ran.code)
      output += ran.output
    }
  }
  // copy; check; check again; test; test again; check and test at last; and what is wider
  expect(codes).toEqual([0, 1, 0, 1, 1, 0, 0, 1])
})
