/** Prints a picture so that it can be read on a terminal: who answered and who did not, then what they show. */

import { type Sector, sectors } from '../../schema/record-type.ts'
import { recordTypeNamed, recordTypesOf } from '../../schema/record-types.ts'
import { sectorNames } from '../../schema/sector-schema.ts'
import { gapLines, searchedLines, tallyLines, whoAnswered } from './print-answers.ts'
import { identityLines } from './print-identity.ts'
import { assertionOf, handlingOf, recordLines } from './print-record.ts'
import { heading, type Json, list, object, text, when, wrapped } from './print-value.ts'

/** What was asked, as it stands above the answer. */
export interface AskedFor {
  readonly nhsNumber: string
  readonly purpose: string
  readonly caseReference: string
}

const [details, relationship, involvement] = recordTypesOf('person')

const NOTHING_HERE =
  '  No custodian shows any. Read above who answered: a gap does not mean that nothing is known.'

const orSaySo = (title: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [...heading(title), NOTHING_HERE] : lines

const SECTOR_TITLES: Readonly<Record<Sector, string>> = {
  police: 'POLICE',
  health: 'HEALTH',
  education: 'EDUCATION',
  'social-care': "CHILDREN'S SOCIAL CARE",
}

/** Also a sector without a record is there, with what its custodians' answers amount to. */
function sectorLines(child: Json, sector: Sector): string[] {
  const lists = object(child[sectorNames[sector].field])
  const types = recordTypesOf(sector)
  const shownBy = new Set(
    types.flatMap(({ plural }) => list(lists[plural]).map(({ custodian }) => custodian)),
  )
  const answers = list(child.custodians).filter((answer) => answer.sector === sector)
  return [
    ...heading(SECTOR_TITLES[sector], '═'),
    ...(shownBy.size === 0 ? ['No record to show.'] : []),
    ...gapLines(answers, shownBy),
    ...types.flatMap((type) => recordLines(type, type.title, list(lists[type.plural]))),
  ]
}

function undatedLines(undated: readonly Json[]): string[] {
  const named = undated.map(
    ({ recordType, custodianName }) =>
      `${recordTypeNamed(text(recordType))?.title ?? text(recordType)} (${text(custodianName)})`,
  )
  return named.length === 0
    ? []
    : wrapped(`Shown above without a date: ${[...new Set(named)].join('; ')}`, '  ')
}

function chronologyLines(chronology: Json): string[] {
  const rows = list(chronology.rows).map((row) => ({ ...row, at: when(row.eventTime) }))
  const column = Math.max(...rows.map(({ at }) => at.length), 0) + 2
  return [
    ...heading('Chronology, newest first'),
    ...rows.flatMap(({ at, ...row }: Json & { at: string }) => {
      const handling = handlingOf(row)
      const title = row.title === involvement?.title ? 'Involved from this day' : text(row.title)
      const what = row.summary ? `${title}: ${text(row.summary)}` : title
      const said = row.assertion === 'FACT' || row.assertion === 'UNCLASSIFIED' ? [] : [assertionOf(row)]
      const beside = [...said, ...(handling ? [`handling: ${handling}`] : []), text(row.custodianName)]
      return wrapped(`${what} (${beside.join('; ')})`, `  ${at.padEnd(column)}`)
    }),
    ...(rows.length === 0 ? [NOTHING_HERE] : []),
    ...undatedLines(list(chronology.undated)),
    ...(chronology.hasNextPage ? ['  There is more; this is the newest part.'] : []),
  ]
}

/** @param child the `child` of an answer to the picture document */
export function printedPicture(child: Json, { nhsNumber, purpose, caseReference }: AskedFor): string {
  const identity = object(child.identity)
  const chronology = object(child.chronology)
  const answers = list(child.custodians)
  const shownDetails = list(identity.details)
  const number = nhsNumber.replace(/^(\d{3})(\d{3})(\d{4})$/, '$1 $2 $3')
  return [
    'OFFICIAL-SENSITIVE. Shown to you for this case only, and recorded.',
    `NHS number ${number} · case ${caseReference} · ${purpose}`,
    `Asked ${when(child.askedAt)}; all times are UK times · receipt ${text(child.id)}`,
    ...whoAnswered(answers),
    ...orSaySo(
      'Who the child is',
      details && shownDetails.length > 0
        ? identityLines(details, shownDetails, list(identity.conflicts), list(child.whereaboutsUnchecked))
        : [],
    ),
    ...orSaySo(
      'Household and relatives',
      relationship ? recordLines(relationship, 'Household and relatives', list(child.household), 'run') : [],
    ),
    ...orSaySo(
      'Who is involved, and whom to ring',
      involvement
        ? recordLines(involvement, 'Who is involved, and whom to ring', list(child.involved), 'run')
        : [],
    ),
    ...sectors.flatMap((sector) => sectorLines(child, sector)),
    ...chronologyLines(chronology),
    ...searchedLines(answers, list(chronology.nobodySearched)),
    ...tallyLines(answers),
  ].join('\n')
}
