/** Writes who the patient is, and who the adults are, as FHIR R4 after UK Core; sensitivity goes into `meta.security`. */
import type { MemoryRepository } from '@medplum/fhir-router'
import { NHS_NUMBER_SYSTEM } from '../../../schema/nhs-number.ts'
import type { HealthFile } from '../population/health-file.ts'
import { fullName } from '../population/person.ts'

export type Resource = Parameters<MemoryRepository['createResource']>[0]

const CONFIDENTIALITY = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality'
const ACT_CODE = 'http://terminology.hl7.org/CodeSystem/v3-ActCode'
const SENSITIVITY = 'https://fhir.northshire.example/CodeSystem/record-sensitivity'
const UK_CORE = 'https://fhir.hl7.org.uk/StructureDefinition'

const security = (labels: readonly string[]) =>
  labels.length === 0
    ? [{ system: CONFIDENTIALITY, code: 'N' }]
    : labels.map((label) =>
        label === 'address-confidential'
          ? { system: CONFIDENTIALITY, code: 'R' } // as PDS marks a restricted patient
          : label === 'sexual-health'
            ? { system: ACT_CODE, code: 'SEX' }
            : { system: SENSITIVITY, code: label },
      )

export const meta = (lastUpdated: string, labels: readonly string[], profile: string) => ({
  versionId: '1',
  lastUpdated: lastUpdated.replace('Z', '.000Z'),
  profile: [`${UK_CORE}/UKCore-${profile}`],
  security: security(labels),
})

export function patient(
  { identity: held, patient: id, practice, updated }: HealthFile,
  authority: string,
): Resource {
  const verified = {
    url: `${UK_CORE}/Extension-UKCore-NHSNumberVerificationStatus`,
    valueCodeableConcept: {
      coding: [
        { system: 'https://fhir.hl7.org.uk/CodeSystem/UKCore-NHSNumberVerificationStatus', code: '01' },
      ],
    },
  }
  return {
    resourceType: 'Patient',
    id,
    meta: meta(updated, held.labels, 'Patient'),
    extension: [
      ...(held.ethnicity === null
        ? []
        : [
            {
              url: `${UK_CORE}/Extension-UKCore-EthnicCategory`,
              valueCodeableConcept: { coding: [{ display: held.ethnicity }] },
            },
          ]),
      ...(held.language === null
        ? []
        : [
            {
              url: `${UK_CORE}/Extension-UKCore-NHSCommunication`,
              extension: [
                { url: 'language', valueCodeableConcept: { text: held.language } },
                { url: 'interpreterRequired', valueBoolean: held.needs.includes('Interpreter') },
              ],
            },
          ]),
    ],
    identifier: [
      ...(held.nhsNumber === null
        ? []
        : [{ system: NHS_NUMBER_SYSTEM, value: held.nhsNumber, extension: [verified] }]),
      { system: `https://fhir.northshire.example/Id/${authority}-patient`, value: id },
    ],
    active: true,
    name: [
      { use: 'official', family: held.family, given: held.middle ? [held.given, held.middle] : [held.given] },
      ...(held.preferred === null ? [] : [{ use: 'nickname' as const, given: [held.preferred] }]),
      ...held.otherNames.map((name) => {
        const [given = '', ...family] = name.split(' ')
        return { use: 'old' as const, given: [given], family: family.join(' ') }
      }),
    ],
    gender: held.sex === null ? 'unknown' : held.sex === 'F' ? 'female' : 'male',
    ...(held.dateOfBirth === null ? {} : { birthDate: held.dateOfBirth }),
    ...(held.address === null
      ? {}
      : {
          address: [
            {
              use: 'home' as const,
              line: [held.address.line],
              city: held.address.town,
              postalCode: held.address.postcode,
            },
          ],
        }),
    ...(held.telephone === null
      ? {}
      : { telecom: [{ system: 'phone' as const, value: held.telephone, use: 'home' as const }] }),
    generalPractitioner: [{ display: practice }],
  }
}

export function relatedPersons(file: HealthFile, subject: { reference: string }): Resource[] {
  return file.household.adults
    .filter((adult) => adult.livesHere || adult.parentalResponsibility)
    .map((adult, place) => ({
      resourceType: 'RelatedPerson',
      id: `${file.patient}-r${place + 1}`,
      meta: meta(file.updated, adult.staff ? ['staff-record'] : [], 'RelatedPerson'),
      active: true,
      patient: subject,
      relationship: [{ text: adult.relation }],
      name: [{ text: fullName(adult), family: adult.family, given: [adult.given] }],
      birthDate: adult.dateOfBirth,
      telecom: [{ system: 'phone', value: adult.telephone, use: 'mobile' }],
    }))
}
