/** The folder of policies as it lies there now: its bundle, whole or not, and its manifest. */
import { type BundleFile, readFolder, versionOf } from './bundle-files.ts'
import { MANIFEST, type Manifest, manifestFrom, manifestText } from './manifest.ts'

export interface Folder {
  readonly files: readonly BundleFile[]
  /** of files that could not be read */
  readonly faults: readonly string[]
  readonly manifest: Manifest
  readonly manifestFaults: readonly string[]
  /** one text for one content */
  readonly content: string
}

export async function readAll(dir: string): Promise<Folder> {
  const faults: string[] = []
  const manifestFaults: string[] = []
  const files = await readFolder(dir, faults)
  const text = await manifestText(dir).catch(() => null)
  if (text === null) manifestFaults.push(`${MANIFEST}: the file cannot be read`)
  const manifest = manifestFrom(text ?? '', manifestFaults)
  return {
    files,
    faults,
    manifest,
    manifestFaults,
    content: JSON.stringify([versionOf(files), faults, text]),
  }
}
