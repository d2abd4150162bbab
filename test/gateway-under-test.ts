/** A whole gateway over HTTP, on the real parts that all tests share, with a ledger and a topic of its own. */
import { inject } from 'vitest'
import { type GatewayUnderTest, openGatewayWith, type Settings } from './gateway-with.ts'

export { codeOf, type GatewayUnderTest, NOON, type Reply, register, statesOf, TODAY } from './gateway-with.ts'

/** Milliseconds, on a busy machine: whoever tests a deadline sets it. */
const PATIENCE = { CUSTODIAN_DEADLINE_MS: '20000', LEDGER_DEADLINE_MS: '20000' }

export const openGateway = (settings: Settings = {}): Promise<GatewayUnderTest> =>
  openGatewayWith(inject('partners'), { ...settings, env: { ...PATIENCE, ...settings.env } })
