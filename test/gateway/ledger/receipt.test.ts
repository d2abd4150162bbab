import { expect, test } from 'vitest'
import * as append from '../../../gateway/ledger/append.ts'
import { type Ledger, openLedger } from '../../../gateway/ledger/append.ts'
import { respond } from '../../../gateway/respond.ts'
import { ownCluster } from './cluster.ts'
import { record, released } from './sample.ts'

test('what only looks like a receipt does not compile as one, and is known at run time', () => {
  const lookalike = { eventId: '668cb1c3-6160-42ba-8f1b-fc534c12ea94', time: '2026-11-21T10:00:00.000Z' }
  // @ts-expect-error nothing but the ledger makes a receipt: this line must not compile
  const forged: append.DurableReceipt = lookalike
  expect(append.isDurableReceipt(forged)).toBe(false)
  // @ts-expect-error so no answer can be written without one
  const write = () => respond(lookalike, { kind: 'released', body: '{}' })
  expect(write).toBeTypeOf('function')
  // @ts-expect-error and the class itself is not to be had
  expect(append.Receipt).toBeUndefined()
})

test('a receipt cannot be made from another, nor changed', async () => {
  const cluster = await ownCluster()
  let ledger: Ledger | undefined
  try {
    ledger = await openLedger({ databaseUrl: await cluster.ledgerDatabase('receipt'), deadlineMs: 5_000 })
    const receipt = await ledger.append(record(released()))
    const again = receipt.constructor as unknown as new (...args: unknown[]) => object
    expect(() => new again(Symbol('minted by append.ts'), receipt)).toThrow('in no other way')
    expect(append.isDurableReceipt({ ...receipt })).toBe(false)
    expect(append.isDurableReceipt(Object.create(receipt))).toBe(false)
    expect(Object.isFrozen(receipt)).toBe(true)
  } finally {
    await ledger?.close()
    await cluster.end()
  }
}, 60_000)
