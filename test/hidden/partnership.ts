/** A gateway over custodians that hold of a few children just what a test puts there, and how it is asked about them. */
import { registerFrom } from '../../gateway/access/register-file.ts'
import { PERSONAS } from '../../gateway/local/personas.ts'
import { testNhsNumber } from '../../gateway/local/population/numbers.ts'
import { northshireRegister } from '../../gateway/local/population/register.ts'
import { seeded } from '../../gateway/policy-workbench/draw.ts'
import type { Pace } from '../../gateway/sharing/pace.ts'
import { type GatewayUnderTest, NOON, openGatewayWith, type Reply, TODAY } from '../gateway-with.ts'
import type { Partners } from '../setup/partners.ts'
import type { Child, Held, Pair } from './pair.ts'
import type { Question } from './question.ts'
import { type Holding, type Partnership, standInPartnership } from './stand-ins.ts'

/** The last live in a refuge. */
export const children: readonly Child[] = Array.from({ length: 20 }, (_, place) =>
  testNhsNumber(880_000 + place),
)
  .filter((number) => number !== null)
  .slice(0, 8)
  .map((nhsNumber, place) => ({
    nhsNumber,
    dateOfBirth: `201${place}-03-14`,
    givenNames: ['Robin'],
    familyNames: ['Ashdown'],
    labels: place < 6 ? [] : ['address-confidential'],
    reference: `NS-2026-${9_001 + place}`,
  }))

export interface HiddenPartnership {
  readonly gateway: GatewayUnderTest
  readonly partnership: Partnership
  /** what holds each answer back from now on */
  keep(pace: Pace): void
  ask(pair: Pair, holdings: Held, question: Question): Promise<Reply>
  close(): Promise<void>
}

/** @param after milliseconds that a custodian takes; none where left out */
export async function openHiddenPartnership(
  partners: Partners,
  seed: number,
  after: (holding: Holding) => number = () => 0,
): Promise<HiddenPartnership> {
  const held = new Map<string, Held>()
  const moment = seeded(seed)
  let pace: Pace = () => async () => undefined
  const partnership = await standInPartnership((custodian, nhsNumber) => {
    const holding = held.get(nhsNumber)?.[custodian] ?? { kind: 'not-held' }
    // a live system: its data is as of the very moment in which it answers
    const asOf = new Date(NOON.getTime() + Math.floor(moment() * 900)).toISOString()
    return { holding, asOf, after: after(holding) }
  })
  const patient = { CUSTODIAN_DEADLINE_MS: '30000', LEDGER_DEADLINE_MS: '30000' }
  const gateway = await openGatewayWith(partners, {
    env: { ...partnership.env, ...patient, POLICY_SAMPLE: '0.001' },
  })
  Object.assign(gateway.opened.house, { pace: () => pace() })
  const others = children.map(({ reference: _, ...child }) => child)
  const register = northshireRegister({ personas: PERSONAS, today: TODAY, others })
  await gateway.opened.house.register.takeOver(registerFrom(register, 'northshire'), partners.issuer)

  return {
    gateway,
    partnership,
    keep(other) {
      pace = other
    },
    async ask({ child, below, persona }, holdings, { document: query, extra = {} }) {
      held.set(child.nhsNumber, holdings)
      const reason = {
        purpose: below ? 's17-assessment' : 's47-enquiry',
        lawfulBasis: {
          ...{ article6: 'GDPR-6-1-e', condition: 'GDPR-9-2-g' },
          function: below ? 'CA89-17' : 'CA89-47',
        },
        threshold: below ? 'S17' : 'S47',
        caseReference: child.reference,
        consentRecorded: below,
      }
      const variables = { nhsNumber: child.nhsNumber, reason, ...extra }
      const authorization = `Bearer ${await gateway.token(persona)}`
      return await gateway.post(JSON.stringify({ query, variables }), { authorization })
    },
    async close() {
      await gateway.close()
      await partnership.close()
    },
  }
}
