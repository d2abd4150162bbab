/**
 * The second opinion: some decisions of a question that is about to be answered are made again by Cedar itself.
 * Where Cedar decides otherwise, or gives no opinion in time, the whole answer is withheld and the log cries out.
 */
import type { Logger } from 'pino'
import type { PolicyBundle } from './bundle.ts'
import { type CedarThreadOptions, openCedarThread } from './cedar-thread.ts'
import type { Decision } from './decide.ts'
import type { Sample } from './sample.ts'

export interface SecondOpinion {
  /** @throws SecondOpinionFault unless Cedar decides each of them alike, determining policies and errors included */
  check(bundle: PolicyBundle, samples: readonly Sample[]): Promise<void>
  close(): Promise<void>
}

/** A fault and no refusal: who asked is told only that something failed on our side. */
export class SecondOpinionFault extends Error {
  readonly code: 'POLICY_SECOND_OPINION_DIFFERS' | 'POLICY_SECOND_OPINION_MISSING'

  constructor(code: SecondOpinionFault['code']) {
    super(code)
    this.code = code
  }
}

const DEADLINE = 5_000 // milliseconds: a hundred times what Cedar takes for the ten decisions of a usual picture

/**
 * @param bundle that is likely to be asked about first
 * @throws Error where Cedar's thread does not start: without it no answer could leave
 */
export async function openSecondOpinion({
  log,
  bundle,
  deadlineMs = DEADLINE,
  start,
}: { log: Logger; bundle?: PolicyBundle } & Partial<
  Pick<CedarThreadOptions, 'deadlineMs' | 'start'>
>): Promise<SecondOpinion> {
  const cedar = await openCedarThread({
    deadlineMs,
    onDeath: ({ name }) =>
      log.error({ code: 'POLICY_SECOND_OPINION_MISSING', name }, 'the thread of the second opinion failed'),
    ...(start ? { start } : {}),
  })
  // parsed now, so that the first answer does not wait for it
  if (bundle) await cedar.decide(bundle, [])
  return {
    close: cedar.close,
    async check(bundle, samples) {
      if (samples.length === 0) return
      const requests = samples.map(({ request }) => request)
      const opinions = await cedar.decide(bundle, requests)
      if (!opinions) {
        const code = 'POLICY_SECOND_OPINION_MISSING'
        log.error({ code, bundle: bundle.version }, 'Cedar gave no second opinion; the answer is withheld')
        throw new SecondOpinionFault(code)
      }
      const differing = samples.flatMap(({ request, decision }, place) => {
        const opinion = opinions[place]
        return opinion && sameDecision(decision, opinion)
          ? []
          : [{ action: request.action, compiled: told(bundle, decision), cedar: told(bundle, opinion) }]
      })
      if (differing.length === 0) return
      const code = 'POLICY_SECOND_OPINION_DIFFERS'
      log.error(
        { code, bundle: bundle.version, differing },
        'the compiled policies and Cedar decide differently; the answer is withheld',
      )
      throw new SecondOpinionFault(code)
    },
  }
}

export const sameDecision = (one: Decision, other: Decision): boolean =>
  one.allow === other.allow &&
  sameTexts(one.determining, other.determining) &&
  sameTexts(one.errors, other.errors)

const sameTexts = (one: readonly string[], other: readonly string[]): boolean =>
  one.length === other.length && one.every((text, place) => text === other[place])

/** For the log: ids of policies. What Cedar says of a request that it refuses could hold a label of the record. */
const told = ({ policies }: PolicyBundle, decision: Decision | undefined) =>
  decision && {
    ...decision,
    errors: decision.errors.map((error) => (policies.has(error) ? error : 'the request')),
  }
