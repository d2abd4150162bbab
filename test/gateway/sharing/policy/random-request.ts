/** Random requests, drawn from the schema that the bundle itself declares. The same seed gives the same requests. */
import { pick, type Random } from '../../../../gateway/policy-workbench/draw.ts'
import type { Agreement } from '../../../../gateway/sharing/policy/agreement.ts'
import type { PolicyBundle } from '../../../../gateway/sharing/policy/bundle.ts'
import type { PolicyRequest } from '../../../../gateway/sharing/policy/decide.ts'
import type { RecordShape, Shape } from '../../../../gateway/sharing/policy/policy-schema.ts'

/** Few instants, so that `now` often falls exactly on the start or the end of an agreement. */
export const instants = [
  '2026-04-12T23:00:00Z',
  '2026-11-21T10:00:00Z',
  '2027-06-01T00:00:00Z',
  '2028-03-31T23:00:00Z',
]
const texts = ['northshire-council', 'northshire-police', 'northshire-hospital', 'hollybank-school']

/** Shares of true, of an optional attribute, and sizes of sets that make permits and forbids both frequent. */
const likely: Record<string, number> = {
  macptMember: 0.85,
  caseLive: 0.9,
  trained: 0.95,
  conflict: 0.04,
  breakGlass: 0.1,
  suspended: 0.1,
  agreement: 0.9,
  labels: 0.04,
  handling: 0.12,
  roles: 0.25,
  bases: 0.15,
}

export function randomRequest(bundle: PolicyBundle, random: Random): PolicyRequest {
  const { schema } = bundle
  const practitioner = draw(schema.principal, random) as unknown as PolicyRequest['practitioner']
  const record = draw(schema.resource, random) as unknown as PolicyRequest['record']
  const context = fittingEmergency(
    draw(schema.context, random) as unknown as PolicyRequest['context'],
    random,
  )
  return {
    practitioner,
    action: pick(random, [...schema.actions]),
    record: { ...record, agreement: record.agreement && fitted(record.agreement, record, context, random) },
    context,
  }
}

/** What an emergency needs comes together by chance too seldom. */
function fittingEmergency(context: PolicyRequest['context'], random: Random): PolicyRequest['context'] {
  if (!context.breakGlass || random() < 0.4) return context
  const bases = [...new Set([...context.bases, 'GDPR-6-1-d', 'GDPR-9-2-c'])]
  return { ...context, purpose: 's47-enquiry', threshold: 's47', bases }
}

/** An agreement that mostly covers what is asked, term by term. */
function fitted(
  agreement: Agreement,
  record: PolicyRequest['record'],
  { purpose, threshold, bases }: PolicyRequest['context'],
  random: Random,
): Agreement {
  const covering = (terms: readonly string[], asked: readonly string[]) =>
    random() < 0.93 ? [...new Set([...terms, ...asked])] : terms
  return {
    ...agreement,
    recordTypes: covering(agreement.recordTypes, [record.recordType]),
    purposes: covering(agreement.purposes, [purpose]),
    thresholds: covering(agreement.thresholds, [threshold]),
    bases: covering(agreement.bases, bases),
  }
}

function draw(shape: RecordShape, random: Random, within = ''): Record<string, unknown> {
  const drawn: Record<string, unknown> = {}
  for (const [name, { shape: inner, required }] of shape.attributes) {
    if (required || random() < (likely[name] ?? 0.5)) drawn[name] = drawValue(inner, name, within, random)
  }
  return drawn
}

function drawValue(shape: Shape, name: string, within: string, random: Random): unknown {
  switch (shape.kind) {
    case 'boolean':
      return random() < (likely[name] ?? 0.5)
    case 'long':
      return Math.floor(random() * 4)
    case 'string':
      return pick(random, texts)
    case 'datetime': {
      const ordered =
        name === 'starts' ? instants.slice(0, 2) : name === 'expires' ? instants.slice(2) : instants
      return new Date(pick(random, random() < 0.8 ? ordered : instants))
    }
    case 'code':
      if (name === 'threshold' && random() < 0.5) return 's47'
      if (name === 'subject' && random() < 0.5) return 'child'
      return pick(random, [...shape.ids.keys()])
    case 'set': {
      if (shape.of.kind !== 'code') throw new Error('only sets of codes are drawn')
      const share = within === 'agreement' ? 0.1 : (likely[name] ?? 0.5)
      return [...shape.of.ids.keys()].filter(() => random() < share)
    }
    case 'record':
      return draw(shape, random, name)
  }
}
