/**
 * Writes a population to files, one per agency and one JSON object a line, in a few megabytes of memory however many
 * children are wanted: `tsx gateway/local/population/generate.ts --children 1000000 --seed 7 --out <folder>`.
 */
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { Refusal } from '../../../schema/refusal.ts'
import { type AgencyName, agencies, type Files } from './desk.ts'
import { type PopulationOptions, population } from './population.ts'

export const fileNames: Readonly<Record<AgencyName, string>> = {
  police: 'northshire-police.ndjson',
  childrensServices: 'northshire-childrens-services.ndjson',
  hospital: 'northshire-hospital.ndjson',
  communityHealth: 'northshire-community-health.ndjson',
  school: 'hollybank-school.ndjson',
  college: 'westvale-college.ndjson',
  educationWelfare: 'northshire-education-welfare.ndjson',
  eastmere: 'eastmere-childrens-services.ndjson',
}

/** Characters that wait before they are written: long enough that the disk is asked seldom. */
const CHUNK = 1 << 20

/** @returns how many children each agency holds */
export async function writePopulation(
  options: PopulationOptions,
  folder: string,
): Promise<Record<AgencyName, number>> {
  await mkdir(folder, { recursive: true })
  const writers = agencies.map((agency) => ({ agency, ...writer(join(folder, fileNames[agency])) }))
  const counts = Object.fromEntries(agencies.map((agency) => [agency, 0])) as Record<AgencyName, number>
  for (const { files } of population(options)) {
    for (const { agency, write } of writers) {
      const line = lineOf(files, agency)
      if (line === null) continue
      counts[agency]++
      const full = write(line)
      if (full) await full
    }
  }
  await Promise.all(writers.map(({ end }) => end()))
  return counts
}

/** The household is everyone's address and adults; health files refer to it, and each writes what it needs. */
function lineOf(files: Files, agency: AgencyName): string | null {
  const file = files[agency]
  if (file === null) return null
  if (!('household' in file)) return JSON.stringify(file)
  const { household, ...rest } = file
  return JSON.stringify({ ...rest, adults: household.adults })
}

function writer(path: string) {
  const stream = createWriteStream(path)
  let waiting = ''
  const flush = () => {
    const open = stream.write(waiting)
    waiting = ''
    return open ? null : once(stream, 'drain')
  }
  return {
    write(line: string) {
      waiting += `${line}\n`
      return waiting.length < CHUNK ? null : flush()
    },
    async end() {
      await flush()
      stream.end()
      await once(stream, 'close')
    },
  }
}

function optionsFrom(args: readonly string[]): PopulationOptions & { out: string } {
  const { values } = parseArgs({
    args: [...args],
    options: {
      children: { type: 'string', default: '600' },
      seed: { type: 'string', default: '1' },
      today: { type: 'string' },
      out: { type: 'string' },
    },
  })
  const [children, seed] = [Number(values.children), Number(values.seed)]
  if (!Number.isInteger(children) || children < 1 || children > 1_000_000)
    throw new Refusal(
      'CHILDREN_INVALID',
      `\`--children ${values.children}\` is not a count from 1 to 1000000`,
    )
  if (!Number.isInteger(seed) || seed < 0)
    throw new Refusal('SEED_INVALID', `\`--seed ${values.seed}\` is not a whole number`)
  if (values.today !== undefined && !/^\d{4}-\d{2}-\d{2}$/.test(values.today))
    throw new Refusal('TODAY_INVALID', `\`--today ${values.today}\` is not a date such as 2026-11-21`)
  if (values.out === undefined) throw new Refusal('OUT_MISSING', 'say where to write with `--out <folder>`')
  return { children, seed, out: values.out, ...(values.today ? { today: values.today } : {}) }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    const { out, ...options } = optionsFrom(process.argv.slice(2))
    const counts = await writePopulation(options, out)
    for (const agency of agencies) console.log(`${String(counts[agency]).padStart(9)}  ${fileNames[agency]}`)
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    console.error(`${error.code}: ${error.message}`)
    process.exitCode = 1
  }
}
