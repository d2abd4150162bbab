/** A whole gateway over HTTP, on the real parts that all tests share, with a ledger and a topic of its own. */
import { inject } from 'vitest'
import { type GatewayUnderTest, openGatewayWith, type Settings } from './gateway-with.ts'

export { codeOf, type GatewayUnderTest, NOON, type Reply, register, statesOf, TODAY } from './gateway-with.ts'

export const openGateway = (settings: Settings = {}): Promise<GatewayUnderTest> =>
  openGatewayWith(inject('partners'), settings)
