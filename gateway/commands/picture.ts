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

interface Answer {
  readonly data?: { readonly child: Readonly<Record<string, unknown>> | null }
  readonly errors?: readonly {
    readonly message: string
    readonly extensions: { readonly code: string; readonly eventId?: string | null }
  }[]
}

/** On a laptop the local register knows the case; in service the practitioner names it. */
async function caseOf({ register }: RunningStart, number: string): Promise<string> {
  const cases = register === null ? [] : (await readRegister(register)).cases
  const found = cases.find((each) => each.nhsNumber === number)
  if (found) return found.reference
  throw new Refusal(
    'CASE_NEEDED',
    'no case of this child is known here; name the case that you work on with --case (nothing was asked)',
  )
}

async function post(url: string, token: string, question: object): Promise<Answer> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify(question),
    })
    return (await response.json()) as Answer
  } catch {
    throw new Refusal(
      'GATEWAY_UNREACHABLE',
      `no gateway answers at ${url}; see whether it runs, and try again`,
    )
  }
}

async function ask(typed: string, options: Options): Promise<void> {
  const number = nhsNumber(typed)
  const running = await runningStart()
  const caseReference = options.case ?? (await caseOf(running, number))
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
      caseReference,
      consentRecorded: options.consent,
    },
    dateOfBirth: options.born,
    givenName: options.given,
    familyName: options.family,
  }
  const token = await tokenOf(options.as)
  const answer = await post(`${running.gateway}/graphql`, token, { query: pictureDocument, variables })
  if (options.json) process.stdout.write(`${JSON.stringify(answer, null, 2)}\n`)
  const error = answer.errors?.[0]
  if (error) {
    const { code, eventId } = error.extensions
    throw new Refusal(code, `${error.message}${eventId ? ` (recorded; receipt ${eventId})` : ''}`)
  }
  if (options.json || !answer.data?.child) return
  const asked = { nhsNumber: number, purpose: options.purpose, caseReference }
  process.stdout.write(`${printedPicture(answer.data.child, asked)}\n`)
}

export const pictureCommand = () =>
  new Command('picture')
    .description('ask about one child, and print the multi-agency picture')
    .argument('<nhs-number>', 'ten digits, with or without spaces')
    .requiredOption('--as <persona>', 'who asks, such as lcpp')
    .option('--purpose <code>', 'code of policies/purposes.yaml', 's47-enquiry')
    .option('--threshold <name>', 'EARLY_HELP, S17 or S47; goes with the purpose where not given')
    .option('--case <reference>', 'the case in which the persona is involved')
    .option('--article6 <code>', 'lawful basis, Article 6', 'GDPR-6-1-e')
    .option('--condition <code>', 'lawful basis, Article 9 or 10', 'GDPR-9-2-g')
    .option('--function <code>', 'the function relied on; goes with the purpose where not given')
    .option('--consent', "the family's agreement is recorded", false)
    .option('--born <date>', 'show nothing of a custodian that holds another date of birth than this')
    .option('--given <name>', 'show nothing of a custodian that holds another given name than this')
    .option('--family <name>', 'show nothing of a custodian that holds another family name than this')
    .option('--json', 'print the answer as it came', false)
    .action(ask)
