/** `sightline picture <nhs-number>` asks the question from a terminal and prints the picture. */
import { Command } from 'commander'
import { nhsNumber } from '../../schema/nhs-number.ts'
import { Refusal } from '../../schema/refusal.ts'
import { readRegister } from '../access/register-file.ts'
import { pictureDocument } from './picture-document.ts'
import { printedPicture } from './print-picture.ts'
import { type RunningStart, runningStart } from './running-start.ts'
import { tokenOf } from './token.ts'

interface Options {
  readonly as: string
  readonly purpose: string
  readonly threshold?: string
  readonly case?: string
  readonly article6: string
  readonly condition: string
  readonly function?: string
  readonly consent: boolean
  readonly born?: string
  readonly given?: string
  readonly family?: string
  readonly json: boolean
}

/** Threshold and function that go with a purpose where nothing else is said. */
const USUAL: Readonly<Record<string, readonly [threshold: string, basis: string]>> = {
  's17-assessment': ['S17', 'CA89-17'],
  'front-door-triage': ['S17', 'CA89-17'],
}
const USUAL_S47 = ['S47', 'CA89-47'] as const

/** On a laptop the local register knows the case; in service the practitioner names it. */
async function caseOf({ register }: RunningStart, number: string): Promise<string> {
  const cases = register === null ? [] : (await readRegister(register)).cases
  const found = cases.find((each) => each.nhsNumber === number)
  if (found) return found.reference
  throw new Refusal('CASE_NEEDED', 'name the case with --case; the local register has none for this child')
}

async function ask(typed: string, options: Options): Promise<void> {
  const number = nhsNumber(typed)
  const running = await runningStart()
  const [threshold, basis] = USUAL[options.purpose] ?? USUAL_S47
  const variables = {
    nhsNumber: number,
    reason: {
      purpose: options.purpose,
      lawfulBasis: {
        article6: options.article6,
        condition: options.condition,
        function: options.function ?? basis,
      },
      threshold: options.threshold ?? threshold,
      caseReference: options.case ?? (await caseOf(running, number)),
      consentRecorded: options.consent,
    },
    dateOfBirth: options.born,
    givenName: options.given,
    familyName: options.family,
  }
  const response = await fetch(`${running.gateway}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${await tokenOf(options.as)}` },
    body: JSON.stringify({ query: pictureDocument, operationName: 'Picture', variables }),
  })
  const body = (await response.json()) as {
    data?: { child: Readonly<Record<string, unknown>> | null }
    errors?: readonly { message: string; extensions: { code: string; eventId: string | null } }[]
  }
  if (options.json) process.stdout.write(`${JSON.stringify(body, null, 2)}\n`)
  const error = body.errors?.[0]
  if (error) {
    const { code, eventId } = error.extensions
    throw new Refusal(code, `${error.message}${eventId ? ` (receipt ${eventId})` : ''}`)
  }
  if (!options.json && body.data?.child) process.stdout.write(`${printedPicture(body.data.child)}\n`)
}

export const pictureCommand = () =>
  new Command('picture')
    .description('ask about one child, and print the multi-agency picture')
    .argument('<nhs-number>')
    .requiredOption('--as <persona>', 'who asks, such as lcpp')
    .option('--purpose <code>', 'code of policies/purposes.yaml', 's47-enquiry')
    .option('--threshold <name>', 'EARLY_HELP, S17 or S47; goes with the purpose where not given')
    .option('--case <reference>', 'the case in which the persona is involved')
    .option('--article6 <code>', 'lawful basis, Article 6', 'GDPR-6-1-e')
    .option('--condition <code>', 'lawful basis, Article 9 or 10', 'GDPR-9-2-g')
    .option('--function <code>', 'the function relied on; goes with the purpose where not given')
    .option('--consent', "the family's agreement is recorded", false)
    .option('--born <date>', 'date of birth, to confirm the identity')
    .option('--given <name>', 'given name, to confirm the identity')
    .option('--family <name>', 'family name, to confirm the identity')
    .option('--json', 'print the answer as it came', false)
    .action(ask)
