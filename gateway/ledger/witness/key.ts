/**
 * The key of a witness: made on its first start, on the agency's own machine, in a file that only its owner can read.
 * Beside it lies the verifier key, to be handed over. Refuses another name for a key that exists.
 */
import { randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { Refusal } from '../../../schema/refusal.ts'
import { writeDurably } from '../durable-file.ts'
import { type NoteSigner, noteSigner, verifierText } from '../tree/signed-note.ts'
import type { HeldFolder } from './held-folder.ts'

/** Names within the folder. */
export const WITNESS_FILES = { key: 'key.json', verifier: 'verifier' } as const

const Kept = z.object({ name: z.string(), seed: z.base64() })

/**
 * @param name such as `police.northshire.example/witness`; needed on the first start only
 * @throws Refusal WITNESS_UNNAMED, WITNESS_RENAMED, WITNESS_KEY_UNREADABLE, NOTE_KEY_INVALID
 */
export async function witnessSigner(
  { path: folder }: HeldFolder,
  name: string | undefined,
): Promise<NoteSigner> {
  const file = join(folder, WITNESS_FILES.key)
  const written = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw error
  })
  if (written === null) return await firstKey(folder, name)
  const kept = keptIn(written)
  if (!kept)
    throw new Refusal(
      'WITNESS_KEY_UNREADABLE',
      `the key in ${folder} was damaged; bring \`${WITNESS_FILES.key}\` back from its copy: with a new key this would be another witness`,
    )
  if (name !== undefined && name !== kept.name)
    throw new Refusal(
      'WITNESS_RENAMED',
      `the key in ${folder} belongs to \`${kept.name}\`; start without \`--name\`, or with another folder`,
    )
  return noteSigner('witness', kept.name, Buffer.from(kept.seed, 'base64'))
}

/** No word of what stands there: half of a key is a secret too. */
function keptIn(written: string): z.infer<typeof Kept> | null {
  try {
    return Kept.parse(JSON.parse(written))
  } catch {
    return null
  }
}

async function firstKey(folder: string, name: string | undefined): Promise<NoteSigner> {
  if (name === undefined)
    throw new Refusal(
      'WITNESS_UNNAMED',
      `there is no key in ${folder} yet; name the witness with \`--name\`, such as police.northshire.example/witness`,
    )
  const seed = randomBytes(32)
  const signer = noteSigner('witness', name, seed)
  await writeDurably(
    join(folder, WITNESS_FILES.key),
    `${JSON.stringify({ name, seed: seed.toString('base64') })}\n`,
  )
  await writeFile(join(folder, WITNESS_FILES.verifier), `${verifierText(signer)}\n`)
  return signer
}
