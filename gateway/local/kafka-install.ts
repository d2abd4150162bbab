/**
 * Brings Apache Kafka onto this machine, once per version: its jars from Maven Central, as kafka/pom.xml pins them,
 * into the user's cache. Refuses to use a half download: the folder gets its name only when it is whole.
 */
import { execFile, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rename, rm, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)
const POM = fileURLToPath(new URL('kafka/pom.xml', import.meta.url))
const OLDEST_JAVA = 17 // Kafka 4 brokers need Java 17 (KIP-1013)

/** $XDG_CACHE_HOME/sightline, or ~/.cache/sightline */
export const kafkaCacheDir = (env: NodeJS.ProcessEnv = process.env): string =>
  join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'sightline')

/** @returns what is missing, in words; undefined where Kafka can run here */
export async function missingForKafka(cacheDir: string): Promise<string | undefined> {
  const missing: string[] = []
  const java = await javaVersion()
  if (java === undefined) missing.push(`Java ${OLDEST_JAVA} or later`)
  else if (java < OLDEST_JAVA) missing.push(`Java ${OLDEST_JAVA} or later (this is Java ${java})`)
  const installed = await isFolder(await jarFolder(cacheDir))
  const maven = () => run('mvn', ['--version']).then(Boolean, () => false)
  if (!installed && !(await maven())) missing.push('Maven (`mvn`)')
  return missing.length ? missing.join(' and ') : undefined
}

/**
 * @param say told about progress; silent where the jars are there already
 * @returns the folder of jars, to be used as class path `<folder>/*`
 */
export async function installKafka(cacheDir: string, say: (words: string) => void): Promise<string> {
  const folder = await jarFolder(cacheDir)
  if (await isFolder(folder)) return folder
  await mkdir(cacheDir, { recursive: true })
  const half = await mkdtemp(join(cacheDir, 'kafka-download-'))
  try {
    await download(half, say)
    // Another run may have been faster; then its folder is as good as ours.
    await rename(half, folder).catch(async (error) => {
      if (!(await isFolder(folder))) throw error
    })
  } finally {
    await rm(half, { recursive: true, force: true })
  }
  return folder
}

async function download(folder: string, say: (words: string) => void): Promise<void> {
  say('fetching Apache Kafka from Maven Central (about 55 MB, this once)')
  // the plugin by name, so that Maven looks up nothing else; -C: a wrong checksum stops it
  const goal = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies'
  const maven = spawn(
    'mvn',
    ['-B', '-C', '-f', POM, goal, `-DoutputDirectory=${folder}`, '-DincludeScope=runtime'],
    { stdio: ['ignore', 'pipe', 'ignore'] },
  )
  const leaveNothing = () => {
    maven.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  }
  process.once('exit', leaveNothing)
  const lines: string[] = []
  let jars = 0
  createInterface({ input: maven.stdout }).on('line', (line) => {
    lines.push(line)
    if (/Downloaded from .*\.jar /.test(line) && ++jars % 20 === 0)
      say(`fetching Apache Kafka: ${jars} files so far`)
  })
  const [code] = await once(maven, 'close')
  process.off('exit', leaveNothing)
  if (code !== 0) throw new Error(`Maven cannot fetch Kafka:\n${lines.slice(-12).join('\n')}`)
}

async function jarFolder(cacheDir: string): Promise<string> {
  const pom = await readFile(POM, 'utf8')
  const version = /<kafka\.version>([^<]+)</.exec(pom)?.[1]
  if (version === undefined) throw new Error(`${POM} names no kafka.version`)
  // the mark: another set of jars for the same version gets a folder of its own
  const mark = createHash('sha256').update(pom).digest('hex').slice(0, 8)
  return join(cacheDir, `kafka-${version}-${mark}`)
}

async function javaVersion(): Promise<number | undefined> {
  // `java -version` prints to standard error: openjdk version "17.0.15" …
  const printed = await run('java', ['-version']).then(
    ({ stdout, stderr }) => stderr + stdout,
    () => '',
  )
  const major = /version "(?:1\.)?(\d+)/.exec(printed)?.[1]
  return major === undefined ? undefined : Number(major)
}

const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (entry) => entry.isDirectory(),
    () => false,
  )
