/** Changes of a policy that no example notices, each with the reason why that is right: `scenarios/survivors.yaml`. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { SURVIVORS } from './example-file.ts'
import type { Mutant } from './mutants.ts'
import { readWithLines } from './yaml-lines.ts'

const survivorsFile = z.array(
  z.strictObject({
    policy: z.string().min(1),
    /** one, or several with the same reason */
    change: z
      .union([z.string().min(1), z.array(z.string().min(1)).min(1)])
      .transform((given) => [given].flat()),
    why: z.string().min(20, 'a sentence is needed: why no question could show the difference'),
  }),
)

export interface Survivor {
  readonly mutant: Mutant
  /** null where nobody has explained it yet */
  readonly why: string | null
  /**
   * false says that no question was found whose answer differs, not that there is none; where it is explained, none is
   * looked for
   */
  readonly distinguished: boolean
}

export interface Explained {
  readonly policy: string
  readonly change: string
  readonly why: string
  readonly line: number
}

export async function readSurvivors(dir: string, faults: string[]): Promise<readonly Explained[]> {
  const text = await readFile(join(dir, SURVIVORS), 'utf8').catch(() => '[]')
  const read = readWithLines(SURVIVORS, text, survivorsFile, faults)
  return (read?.data ?? []).flatMap(({ policy, change, why }, index) =>
    change.map((each) => ({ policy, change: each, why, line: read?.lineOf([index]) ?? 1 })),
  )
}

export const explains = (entry: Explained, mutant: Mutant): boolean =>
  entry.policy === mutant.policy && entry.change === mutant.change

/** A change with an effect, of which nobody said why no example needs to notice it. */
export const isUnexplained = ({ distinguished, why }: Survivor): boolean => distinguished && why === null
