/** Accesses in many pages: nobody takes the part that was there for all there is. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { readAccesses } from '../../../gateway/commands/read-accesses.ts'
import type { AccessPage } from '../../../schema/read-access.ts'
import { access } from '../reports/read-access.ts'
import { askingAt } from './printed.ts'

const asked: (string | null)[] = []
const pages: AccessPage[] = []
/** Gives the pages, one after another, whatever is asked. */
const desk = createServer(async (request, response) => {
  const { variables } = (await json(request)) as { variables: { after: string | null } }
  asked.push(variables.after)
  response.end(JSON.stringify({ data: { accesses: pages.shift() } }))
})
beforeAll(async () => {
  await new Promise<void>((resolve) => desk.listen(0, '127.0.0.1', resolve))
  askingAt({ url: `http://127.0.0.1:${(desk.address() as AddressInfo).port}` })
})
afterAll(async () => {
  vi.unstubAllEnvs()
  await new Promise((resolve) => desk.close(resolve))
})

const page = (next: string | null, notRead: number): AccessPage => ({
  ...{ accesses: [access()], next, notRead, keptFrom: null, childrenErased: 0, unknown: [], ofAgency: null },
})

test('what was missing when the first page was read is missing from all of them', async () => {
  pages.push(page('one', 3), page('two', 0), page(null, 1))
  const read = await readAccesses('ig-lead', {})
  expect(asked).toEqual([null, 'one', 'two'])
  expect(read).toMatchObject({ notRead: 3, more: false })
  expect(read.accesses).toHaveLength(3)
})
