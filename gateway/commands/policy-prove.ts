/**
 * `sightline policy prove` holds the policies to the claims of `claims.yaml`, for every question there could be.
 * Exit code 0 where all are proved, 1 where one is not, 2 where a proof itself is wrong.
 */
import { Command } from 'commander'
import { Refusal } from '../../schema/refusal.ts'
import { caseInWords } from '../policy-workbench/case-in-words.ts'
import { type Claim, readClaims } from '../policy-workbench/claims.ts'
import { prove, type Verdict } from '../policy-workbench/prove.ts'
import { openSolver } from '../policy-workbench/smt-solver.ts'
import type { PolicyBundle } from '../sharing/policy/bundle.ts'
import { loadBundle } from '../sharing/policy/load.ts'

export const proveCommand = () =>
  new Command('prove')
    .description('is each claim of claims.yaml true of the policies? if not, show a case against it')
    .argument('[claim...]', 'ids of claims, or the beginning of some; all where none is given')
    .option('--dir <folder>', 'the folder of policies', 'policies')
    .action(async (wanted: readonly string[], { dir }: { dir: string }) => {
      const bundle = await loadBundle(dir)
      const claims = chosen(await readClaims(dir, bundle.schema), wanted)
      const start = performance.now()
      const solver = await openSolver()
      try {
        const verdicts = await prove(bundle, claims, solver, () => performance.now(), say(bundle))
        const proved = verdicts.filter(({ kind }) => kind === 'proved').length
        const seconds = ((performance.now() - start) / 1000).toFixed(1)
        process.stdout.write(`${proved} of ${verdicts.length} claims proved in ${seconds} s\n`)
        process.exitCode = exitCodeOf(verdicts)
      } finally {
        await solver.close()
      }
    })

export const exitCodeOf = (verdicts: readonly Verdict[]): 0 | 1 | 2 => {
  if (verdicts.some(({ kind }) => kind === 'encoding-fault')) return 2
  return verdicts.every(({ kind }) => kind === 'proved') ? 0 : 1
}

function chosen(claims: readonly Claim[], wanted: readonly string[]): readonly Claim[] {
  for (const id of wanted)
    if (!claims.some((claim) => claim.id.startsWith(id)))
      throw new Refusal(
        'CLAIM_UNKNOWN',
        `claims.yaml has no claim \`${id}\`; run without an id to see them all`,
      )
  return wanted.length === 0
    ? claims
    : claims.filter(({ id }) => wanted.some((start) => id.startsWith(start)))
}

const say = (bundle: PolicyBundle) => (verdict: Verdict) => {
  process.stdout.write(`${verdictInWords(verdict, bundle).join('\n')}\n`)
}

export function verdictInWords(verdict: Verdict, bundle: PolicyBundle): string[] {
  const { claim, milliseconds } = verdict
  const name = `${claim.id}: ${claim.words}`
  switch (verdict.kind) {
    case 'proved':
      return [`PROVED  ${name} (${Math.round(milliseconds)} ms)`]
    case 'says-nothing':
      return [`EMPTY   ${name}`, '        there is no such question: the claim would be true of any policies']
    case 'refuted':
      return [`REFUTED ${name}`, ...against(verdict.counterexample, claim, bundle)]
    case 'encoding-fault':
      return [
        `ENCODING FAULT ${name}`,
        '        the solver found a case that Cedar decides otherwise: a fault of this command, nothing is known',
        `        ${JSON.stringify(verdict.found)}`,
      ]
  }
}

function against(
  counterexample: Extract<Verdict, { kind: 'refuted' }>['counterexample'],
  claim: Claim,
  bundle: PolicyBundle,
): string[] {
  if (!counterexample) return ['        no question at all is allowed this']
  return [...caseInWords(counterexample, claim, bundle), 'Cedar itself decides the same.'].map(
    (line) => `        ${line}`,
  )
}
