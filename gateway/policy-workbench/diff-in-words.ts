/** The difference of two bundles as an IG lead reads it: what more, what less, why, and a question in which it shows. */
import type { PolicyBundle } from '../sharing/policy/bundle.ts'
import type { ChangeKind } from '../sharing/policy/compare-effects.ts'
import { cite } from '../sharing/policy/effect.ts'
import { whyNoPermit } from '../sharing/policy/why-no-permit.ts'
import { caseInWords } from './case-in-words.ts'
import type { Finding, PolicyDiff } from './diff.ts'
import { hidingActions, type Sides } from './diff-cause.ts'
import type { ListDiff } from './diff-lists.ts'
import { byPolicies, type Decider, sees, tells, UNMET } from './seen-case.ts'

const HEADS: Readonly<Record<ChangeKind, string>> = {
  WIDER: 'WIDER: the candidate lets more be seen',
  NARROWER: 'NARROWER: the candidate lets less be seen',
  'REASON-ONLY': 'REASON-ONLY: as much is seen, and another reason told',
}
const NONE: Readonly<Record<ChangeKind, string>> = {
  WIDER: 'no wider',
  NARROWER: 'no narrower',
  'REASON-ONLY': 'the same reasons are told',
}

/** @returns lines without a break at the end */
export function diffInWords(policies: PolicyDiff, lists: ListDiff, sides: Sides): string[] {
  const { findings, undecided, faults, union } = policies
  if (union.incomparable.length > 0)
    return [
      'POLICIES NOT COMPARED: the two schemas do not speak of the same',
      ...union.incomparable.map((line) => `  - ${line}`),
      ...listsInWords(lists),
    ]
  if (faults.length > 0)
    return [
      'FAULT OF THIS COMMAND: a case was found that Cedar decides otherwise; nothing is known of the policies',
      `  ${JSON.stringify(faults[0])}`,
      ...listsInWords(lists),
    ]
  const kinds = ['WIDER', 'NARROWER', 'REASON-ONLY'] as const
  const sections = kinds.filter((kind) => findings.some(({ change }) => change === kind))
  const proved = kinds.filter((kind) => !sections.includes(kind) && !undecided.includes(kind))
  return [
    ...(proved.length > 0
      ? [
          `POLICIES: ${joined(proved.map((kind) => NONE[kind]))}: proved for every question, under any agreement`,
        ]
      : []),
    ...sections.flatMap((kind) => [
      HEADS[kind],
      ...findings
        .filter(({ change }) => change === kind)
        .flatMap((finding, place) => findingInWords(finding, place, sides)),
      ...(undecided.includes(kind) ? [] : ['  For no other cause: proved.']),
    ]),
    ...kinds
      .filter((kind) => undecided.includes(kind))
      .map(
        (kind) =>
          `NOT DECIDED: whether ${sections.includes(kind) ? 'more is' : 'anything is'} ${kind} is not known`,
      ),
    ...union.notes.map((note) => `NOTE: ${note}`),
    ...listsInWords(lists),
  ]
}

function listsInWords({ wider, narrower, words }: ListDiff): string[] {
  const section = (head: string, lines: readonly string[]) =>
    lines.length > 0 ? [head, ...lines.map((line) => `  - ${line}`)] : []
  if (wider.length + narrower.length + words.length === 0)
    return ['AGREEMENTS AND LISTS: no wider and no narrower, in the same words']
  return [
    ...section('AGREEMENTS AND LISTS, WIDER: what the candidate’s add', wider),
    ...section('AGREEMENTS AND LISTS, NARROWER: what going back to the live ones would add', narrower),
    ...section('WORDS: what is told otherwise', words),
  ]
}

function findingInWords(finding: Finding, place: number, sides: Sides): string[] {
  const { change, steps, because, example } = finding
  const inWords = change === 'REASON-ONLY' ? whyInWords : stepInWords
  return [
    `  ${place + 1}. ${joined(tellable(steps).map(inWords))}`,
    ...('listedBy' in because
      ? [
          `     because ${because.type} \`${because.id}\` is listed by the ${because.listedBy === 'live' ? 'live' : 'candidate’s'} schema alone; the other denies whatever carries it`,
        ]
      : distinct(because.map(({ id }) => `     because of ${policyInWords(id, sides)}`))),
    '     for example',
    ...exampleInWords(finding, sides).map((line) => `       ${line}`),
    ...(example.asked.record.agreement
      ? ['       (the agreement is supposed; it need not be one that there is)']
      : []),
  ]
}

function policyInWords(id: string, { live, candidate }: Sides): string {
  const [was, is] = [live.policies.get(id), candidate.policies.get(id)]
  const how = !was ? 'new' : !is ? 'gone' : 'altered'
  return `\`${id}\` (${how}): ${(is ?? was)?.title}`
}

function exampleInWords({ change, example }: Finding, sides: Sides): string[] {
  const { asked, step } = example
  const [was, is] = [byPolicies(sides.live, asked), byPolicies(sides.candidate, asked)]
  const decision = was.may(step)
  const claim = { id: '', words: '', actions: [step], guard: 'true', kind: 'can' } as const
  // all but the last line, which says what one bundle allows
  const lines = caseInWords(
    { before: asked, after: null, action: step, decision, instead: null },
    claim,
    sides.live,
  )
  const told = change === 'REASON-ONLY' ? toldInWords : seenInWords
  return [...lines.slice(0, -1), `live: ${told(was, step)}`, `candidate: ${told(is, step)}`]
}

function seenInWords(decider: Decider, step: string): string {
  const { bundle, may } = decider
  if (sees(decider, step)) return `yes${by(bundle, [step === 'tell-why' ? 'read' : step], may)}`
  const actions = hidingActions(decider, step)
  return `no${by(bundle, actions, may) || ': no permit covers it'}`
}

function toldInWords(decider: Decider, step: string): string {
  const { bundle, asked, may } = decider
  const code = tells(decider, step)
  // where nothing permits, the question itself says which condition is unmet
  const told = code === UNMET ? whyNoPermit(asked.practitioner, asked.record, asked.context) : code
  return `${told}${by(bundle, [step], may)}`
}

function by(bundle: PolicyBundle, actions: readonly string[], may: Decider['may']): string {
  const cited = [...new Set(actions.flatMap((action) => cite(bundle, may(action))))]
  return cited.length > 0 ? `, by ${cited.join(', ')}` : ''
}

/** What goes without saying is left out: whoever may read is told why, and the whole has its part. */
const tellable = (steps: readonly string[]): readonly string[] =>
  steps.filter((step) =>
    step === 'tell-why'
      ? !steps.includes('read')
      : !steps.includes(step.replace(/-partial$/, '')) || !step.endsWith('-partial'),
  )

function stepInWords(step: string): string {
  if (step === 'know') return 'that a record exists may be known'
  if (step === 'read') return 'it may be read'
  if (step === 'tell-why') return 'why it is withheld may be told'
  return step.endsWith('-partial') ? `\`${step.slice(0, -8)}\` at least in part` : `\`${step}\``
}

function whyInWords(step: string): string {
  if (step === 'know') return 'why the agency is not asked'
  return step === 'read' ? 'why a record is withheld' : `why \`${step}\` is masked`
}

const distinct = (lines: readonly string[]): readonly string[] => [...new Set(lines)]

const joined = (words: readonly string[]): string =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`
