/** `sightline reviews` lists what waits at the desk: for an agency's reviewer, or for an IG lead. */
import { Command } from 'commander'
import { PERSONAS } from '../local/personas.ts'
import { askDesk } from './ask-desk.ts'
import { printedEmergencies, printedNotShared, printedReviews } from './print-desk.ts'

const REVIEWS = `query DeskReviews { reviews {
  id custodian kinds purpose threshold lawfulBasis { article6 condition function }
  askedBy { name role agency } askedAt due overdue nhsNumber } }`

const NOT_SHARED = `query DecisionsNotToShare { decisionsNotToShare {
  id custodian agency kinds decidedBy { name } decidedAt validUntil reasonClass words
  detriment { moreDetrimental recordedIn } acknowledged } }`

const EMERGENCIES = `query EmergencyReviews { emergencyReviews {
  eventId openedAt expires due overdue by { name role agency } reason } }`

/** The gateway refuses whoever has another role, in its own words. */
async function listed(persona: string): Promise<string[]> {
  const role = PERSONAS.find(({ id }) => id === persona)?.role
  if (role !== 'ig-lead') return printedReviews(await askDesk(persona, REVIEWS))
  return [
    ...printedEmergencies(await askDesk(persona, EMERGENCIES)),
    ...printedNotShared(await askDesk(persona, NOT_SHARED)),
  ]
}

export const reviewsCommand = () =>
  new Command('reviews')
    .description("what waits for an agency's reviewer or an IG lead")
    .requiredOption('--as <persona>', 'who looks, such as school-reviewer or ig-lead')
    .action(async ({ as }: { as: string }) => {
      process.stdout.write(`${(await listed(as)).join('\n')}\n`)
    })
