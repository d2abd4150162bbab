/** Writes a file whole or not at all, and durable when it returns: beside, made durable, then put in place. */
import { open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'

const besideOf = (file: string) => `${file}.next`

/** Leaves the file as it is. @throws where it could not be written */
export async function tryToWrite(file: string): Promise<void> {
  const beside = besideOf(file)
  await (await open(beside, 'w', 0o600)).close()
  await rm(beside)
}

export async function writeDurably(file: string, text: string): Promise<void> {
  const beside = besideOf(file)
  const handle = await open(beside, 'w', 0o600)
  try {
    await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(beside, file)
  const folder = await open(dirname(file), 'r')
  await folder.sync().finally(() => folder.close())
}
