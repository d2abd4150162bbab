/** Writes a health provider's file as FHIR R4 resources after UK Core, with sensitivity in `meta.security`. */
import type { HealthFile } from '../population/health-file.ts'
import { meta, patient, type Resource, relatedPersons } from './fhir-patient.ts'

const SNOMED = 'http://snomed.info/sct'

/** @param authority ODS-like code under which the provider numbers its patients */
export function resourcesOf(file: HealthFile, authority: string): Resource[] {
  const subject = { reference: `Patient/${file.patient}` }
  const numbered = (kind: string) => (_: unknown, place: number) => `${file.patient}-${kind}${place + 1}`
  const ids = (kind: string, list: readonly unknown[]) => list.map(numbered(kind))
  const encounterIds = ids('e', file.encounters)
  const appointmentIds = ids('a', file.appointments)
  const conditionIds = ids('c', file.conditions)
  const immunisationIds = ids('i', file.immunisations)
  const flagIds = ids('f', file.flags)
  const teamIds = ids('t', file.careTeams)
  return [
    patient(file, authority),
    ...relatedPersons(file, subject),
    ...file.encounters.map(
      (one, place): Resource => ({
        resourceType: 'Encounter',
        id: encounterIds[place] ?? '',
        meta: meta(one.recorded, one.labels, 'Encounter'),
        status: 'finished',
        class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: one.class },
        serviceType: { text: one.service },
        subject,
        period: { start: one.from, end: one.until },
        location: [{ location: { display: one.place } }],
        ...(one.reason === null ? {} : { reasonCode: [{ text: one.reason }] }),
        ...(one.cameWith === null ? {} : { participant: [escort(one.cameWith)] }),
        ...(one.note === null ? {} : { text: narrative(one.note) }),
      }),
    ),
    ...file.appointments.map(
      (one, place): Resource => ({
        resourceType: 'Appointment',
        id: appointmentIds[place] ?? '',
        meta: meta(one.recorded, one.labels, 'Appointment'),
        status: one.status,
        serviceType: [{ text: one.service }],
        start: one.from,
        end: one.until,
        created: one.from,
        ...(one.reason === null ? {} : { cancelationReason: { text: one.reason } }),
        participant: [{ actor: subject, status: 'accepted' }],
      }),
    ),
    ...file.conditions.map(
      (one, place): Resource => ({
        resourceType: 'Condition',
        id: conditionIds[place] ?? '',
        meta: meta(one.recorded, one.labels, 'Condition'),
        clinicalStatus: {
          coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-clinical', code: one.status }],
        },
        code: {
          text: one.text,
          ...(one.snomed === null ? {} : { coding: [{ system: SNOMED, code: one.snomed }] }),
        },
        subject,
        onsetDateTime: one.onset,
        recordedDate: one.recorded,
        ...(one.abated === null ? {} : { abatementDateTime: one.abated }),
      }),
    ),
    ...file.immunisations.map(
      (one, place): Resource => ({
        resourceType: 'Immunization',
        id: immunisationIds[place] ?? '',
        meta: meta(one.recorded, one.labels, 'Immunization'),
        status: one.status,
        ...(one.reasonNotGiven === null ? {} : { statusReason: { text: one.reasonNotGiven } }),
        vaccineCode: { text: one.vaccine },
        patient: subject,
        occurrenceDateTime: one.on,
        recorded: one.recorded,
      }),
    ),
    ...file.flags.map(
      (one, place): Resource => ({
        resourceType: 'Flag',
        id: flagIds[place] ?? '',
        meta: meta(one.recorded, one.labels, 'Flag'),
        status: one.until === null ? 'active' : 'inactive',
        code: {
          text: one.wording,
          ...(one.snomed === null ? {} : { coding: [{ system: SNOMED, code: one.snomed }] }),
        },
        subject,
        period: { start: one.from, ...(one.until === null ? {} : { end: one.until }) },
        author: { display: one.authority },
      }),
    ),
    ...file.careTeams.map(
      (one, place): Resource => ({
        resourceType: 'CareTeam',
        id: teamIds[place] ?? '',
        meta: meta(one.recorded, one.labels, 'CareTeam'),
        status: one.until === null ? 'active' : 'inactive',
        name: one.service,
        subject,
        period: { start: one.from, ...(one.until === null ? {} : { end: one.until }) },
        participant: [
          {
            role: [{ text: one.role }],
            member: {
              reference: `Practitioner/${practitionerId(one.practitioner)}`,
              display: one.practitioner,
            },
            onBehalfOf: { display: one.organisation },
          },
        ],
        telecom: [{ system: 'phone', value: one.telephone, use: 'work' }],
      }),
    ),
  ]
}

/** The practitioners whom the care teams name, once each. */
export function practitionersIn(files: readonly HealthFile[], updated: string): Resource[] {
  const names = new Set(files.flatMap((file) => file.careTeams.map((team) => team.practitioner)))
  return [...names].map((name) => ({
    resourceType: 'Practitioner',
    id: practitionerId(name),
    meta: meta(updated, [], 'Practitioner'),
    name: [{ text: name }],
  }))
}

const practitionerId = (name: string) => name.toLowerCase().replaceAll(/[^a-z]+/g, '-')

const escort = (who: string) => ({
  type: [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType', code: 'ESC' }] }],
  individual: { display: who },
})

const narrative = (note: string) => ({
  status: 'additional' as const,
  div: `<div xmlns="http://www.w3.org/1999/xhtml">${note.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</div>`,
})
