/** The question that `sightline picture` asks: everything that policy may release, record type by record type. */

import { type RecordType, sectors } from '../../schema/record-type.ts'
import { recordTypesOf } from '../../schema/record-types.ts'
import { sectorNames } from '../../schema/sector-schema.ts'

const ENVELOPE = `fragment Envelope on SharedRecord {
  recordId custodian custodianName system eventTime recordedTime assertion about subjectCategory handling
  masked { field form reason { code words policies } } policies
}`

const ANSWER = `fragment Answer on CustodianAnswer {
  custodian name agency sector state words asOf fresh searched { from until }
  reason { code words policies } alsoWithheld { code words policies } notAskedFor { kinds reason { code words } }
  contact { name telephone email emergencyTelephone }
}`

const fieldsOf = (type: RecordType) =>
  Object.entries(type.fields)
    .map(([name, { codeSet }]) => (codeSet === null ? name : `${name} { code meaning }`))
    .join(' ')

const listOf = (type: RecordType) => `${type.plural} { ...Envelope ${fieldsOf(type)} }`

const [details, relationship, involvement] = recordTypesOf('person')

const sector = (name: (typeof sectors)[number]) =>
  `${sectorNames[name].field} { ${recordTypesOf(name).map(listOf).join('\n    ')} }`

export const pictureDocument = `query Picture($nhsNumber: String!, $reason: AccessReason!, $dateOfBirth: Date, $givenName: String, $familyName: String) {
  child(nhsNumber: $nhsNumber, reason: $reason, dateOfBirth: $dateOfBirth, givenName: $givenName, familyName: $familyName) {
    id askedAt policyBundle
    custodians { ...Answer }
    whereaboutsUnchecked { name }
    identity {
      ${details ? listOf(details) : ''}
      conflicts { field values { custodianName value recordedTime } }
    }
    household { ...Envelope ${relationship ? fieldsOf(relationship) : ''} }
    involved { ...Envelope ${involvement ? fieldsOf(involvement) : ''} }
    chronology(first: 200) {
      rows { eventTime title summary custodianName sector assertion handling }
      hasNextPage
      unsearched { custodianName from until why }
      nobodySearched { from until }
    }
    ${sectors.map(sector).join('\n    ')}
  }
}
${ANSWER}
${ENVELOPE}`
