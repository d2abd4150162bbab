/** Whoever reads only the first lines of a long answer, as with `| head`, sees no stack. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '../../..')

test('a command whose reader stops ends without a word', async () => {
  const program = resolve(root, 'gateway/commands/sightline.js')
  const child = spawn(process.execPath, [program, 'policy', 'check', '--dir', 'no-such-folder'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  child.stdout.destroy()
  const words: string[] = []
  child.stderr.on('data', (data) => words.push(String(data)))
  const [code] = await once(child, 'close')
  expect(words.join('')).not.toMatch(/EPIPE|at .*:\d+:\d+/)
  expect(code).not.toBe(0)
})
