/** The reason classes of a decision not to share: words for each, and a list with any fault is refused whole. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readReviewReasons } from '../../../gateway/desk/review-reasons.ts'
import { policiesDir } from '../sharing/policy/asked.ts'

let dir: string
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'review-reasons-'))
})
afterAll(() => rm(dir, { recursive: true }))

test('every reason class of Northshire has words that name no law, and a person to turn to', async () => {
  const reasons = await readReviewReasons(policiesDir)
  expect(reasons.size).toBeGreaterThan(0)
  for (const { words, route } of reasons.values()) {
    expect(words).not.toMatch(/\b(Act|s\.\d)/)
    expect(route).toContain('telephone')
  }
})

test.each([
  ['without words', '- { code: A_REASON, route: the contact }'],
  ['with a code that is none', '- { code: a reason, words: because, route: the contact }'],
  [
    'with a code twice',
    '- { code: A, words: because, route: the contact }\n- { code: A, words: so, route: the contact }',
  ],
  ['that is empty', '[]'],
])('a list %s is refused', async (_what, text) => {
  await writeFile(join(dir, 'review-reasons.yaml'), text)
  await expect(readReviewReasons(dir)).rejects.toMatchObject({ code: 'REVIEW_REASONS_INVALID' })
})

test('a partnership without the list is refused at the start', async () => {
  await expect(readReviewReasons(join(dir, 'elsewhere'))).rejects.toMatchObject({
    code: 'REVIEW_REASONS_INVALID',
  })
})
