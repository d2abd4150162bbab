/**
 * How fast past accesses are replayed under today's policies and a candidate, beside deciding each record anew. The
 * accesses are made of what is really held about each child, asked for by several personas over a year.
 */
import { randomUUID } from 'node:crypto'
import { pick, seeded } from '../../gateway/policy-workbench/draw.ts'
import { replay } from '../../gateway/policy-workbench/replay.ts'
import type { PolicyBundle } from '../../gateway/sharing/policy/bundle.ts'
import { readFolder } from '../../gateway/sharing/policy/bundle-files.ts'
import { effectOf } from '../../gateway/sharing/policy/effect.ts'
import { bundleFrom } from '../../gateway/sharing/policy/load.ts'
import type { PastAccess } from '../../gateway/sharing/policy/past-access.ts'
import {
  amina,
  earlyHelp,
  grace,
  helen,
  policiesDir,
  s17,
  s47,
  tom,
} from '../gateway/sharing/policy/asked.ts'
import type { Held } from './held-classes.ts'
import type { Row } from './table.ts'

const ACCESSES = 10_000
const ANEW = 300 // accesses of the rival, which takes a hundred times as long
const YEAR = 365 * 86_400_000

export async function replayed(live: PolicyBundle, held: Held): Promise<Row[]> {
  const candidate = await narrower()
  const accesses = accessesOver(held, live.version)
  async function* told() {
    yield* accesses
  }
  const start = performance.now()
  const { read, differing } = await replay(live, candidate, told())
  const perSecond = read.records / ((performance.now() - start) / 1000)

  const some = accesses.slice(0, ANEW)
  const startAnew = performance.now()
  let records = 0
  for (const { grounds } of some)
    for (const { record, n } of grounds.classes)
      for (let count = 0; count < n; count += 1) {
        for (const bundle of [live, candidate])
          effectOf(bundle, grounds.practitioner, record, grounds.context)
        records += 1
      }
  const perSecondAnew = records / ((performance.now() - startAnew) / 1000)
  return [
    {
      way: 'replay',
      accesses: read.accesses,
      records: read.records,
      'records/s': Math.round(perSecond),
      'of each record anew': perSecond / perSecondAnew,
      target: '50000',
      'accesses that differ': Object.values(differing).reduce((sum, each) => sum + each.accesses, 0),
    },
    {
      way: 'each record decided anew under both, nothing compared',
      accesses: some.length,
      records,
      'records/s': Math.round(perSecondAnew),
      'of each record anew': 1,
    },
  ]
}

/** Intelligence needs a level of vetting more than today, and the health member reads no clinician's account. */
async function narrower(): Promise<PolicyBundle> {
  const faults: string[] = []
  const files = (await readFolder(policiesDir, faults)).map(({ path, text }) => ({
    path,
    text: text
      .replaceAll('principal.vetting >= 2', 'principal.vetting >= 3')
      .replaceAll('[Role::"lcpp", Role::"macpt-health"]', '[Role::"lcpp"]'),
  }))
  return bundleFrom(files, () => {}, faults)
}

function accessesOver({ children, kinds }: Held, bundle: string): readonly PastAccess[] {
  const random = seeded(11)
  return Array.from({ length: ACCESSES }, () => {
    const classes = new Map<string, PastAccess['grounds']['classes'][number]>()
    const place = Math.floor(random() * children.length)
    for (const record of children[place] ?? []) {
      const key = JSON.stringify(record)
      classes.set(key, { record, n: (classes.get(key)?.n ?? 0) + 1 })
    }
    const practitioner = pick(random, [amina, amina, tom, grace, helen])
    const now = new Date(s47.now.getTime() - Math.floor(random() * YEAR))
    const context = { ...pick(random, [s47, s47, s17, earlyHelp]), now }
    return {
      eventId: randomUUID(),
      at: now,
      who: practitioner.roles.join(),
      child: `child-${place}`,
      grounds: { bundle, practitioner, context, kinds, classes: [...classes.values()] },
    }
  })
}
