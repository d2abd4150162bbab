/**
 * Runs one part of a local Sightline (PostgreSQL, Kafka, the identity provider …) as a process of its own, and sees
 * to it that the part ends when we do, however we end. Refuses to call a part ready before its probe says so.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath, pathToFileURL } from 'node:url'

export interface PartPlan {
  /** what the reader calls it: `PostgreSQL`, `Kafka` */
  name: string
  command: string
  args: readonly string[]
  env?: NodeJS.ProcessEnv
  /** the account it runs under, where it must not run under ours */
  account?: Account | undefined
  /** all that it prints is appended here */
  logFile: string
  /** asked again and again until true; throws are read as "not yet" */
  ready: () => Promise<boolean>
  /** milliseconds */
  readyWithin?: number
  stopSignal?: 'SIGTERM' | 'SIGINT'
  /** milliseconds between the polite signal and SIGKILL */
  stopWithin?: number
}

export interface Account {
  uid: number
  gid: number
}

export interface Part {
  readonly name: string
  readonly pid: number
  /** settles when the process is gone, for whatever cause */
  readonly ended: Promise<void>
  isRunning(): boolean
  stop(): Promise<void>
  /** SIGKILL: what a power cut does */
  kill(): Promise<void>
}

const running = new Set<Part>()

/** Stops all that was started, also in the midst of a start. Parts that need one another should be stopped in order. */
export const stopEveryPart = (): Promise<unknown> => Promise.all([...running].map((part) => part.stop()))

/** @returns how to run one of our own TypeScript files, in one process, from any working directory */
export function ourProgram(entry: URL, ...args: string[]): { command: string; args: string[] } {
  return { command: process.execPath, args: [...runTypeScript(), fileURLToPath(entry), ...args] }
}

/** The arguments with which Node runs TypeScript, from whatever loader this program itself was started. */
export const runTypeScript = (): string[] => [
  '--import',
  pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href,
]

const PROBE_EVERY = 25 // milliseconds: short beside the half second that the fastest part needs

/**
 * Ends a part whose owner vanished. Its input closes when the owner is gone, even by SIGKILL; a line read before that
 * means that the part ended in order. $1 process group, $2 polite signal, $3 tenths of a second until SIGKILL.
 */
const GUARD = `
if read -r _; then exit 0; fi
kill -s "$2" -- "-$1" 2>/dev/null || exit 0
while [ "$3" -gt 0 ] && kill -s 0 -- "-$1" 2>/dev/null; do sleep 0.1; set -- "$1" "$2" "$(($3 - 1))"; done
kill -s KILL -- "-$1" 2>/dev/null`

/**
 * @returns the part, once its probe was true.
 * @throws when the part ends first or is not ready in time; the message holds the last lines that it printed.
 */
export async function startPart(plan: PartPlan): Promise<Part> {
  const stopSignal = plan.stopSignal ?? 'SIGTERM'
  const stopWithin = plan.stopWithin ?? 10_000
  const log = openSync(plan.logFile, 'a', 0o600)
  // A process group of its own: Ctrl-C in the terminal reaches us alone, and we stop the parts in order.
  const child = spawn(plan.command, [...plan.args], {
    detached: true,
    stdio: ['ignore', log, log],
    ...(plan.env ? { env: plan.env } : {}),
    ...(plan.account ?? {}),
  })
  closeSync(log)
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve())
    child.once('error', () => resolve())
  })
  const pid = child.pid
  if (pid === undefined)
    throw new Error(`${plan.name} cannot be started: \`${plan.command}\` does not run here`)
  const dismissGuard = postGuard(pid, stopSignal, stopWithin)
  void ended.then(dismissGuard)

  const isRunning = () => child.exitCode === null && child.signalCode === null
  const kill = async () => {
    signalGroup(pid, 'SIGKILL')
    if (isRunning()) await ended
  }
  const part: Part = {
    name: plan.name,
    pid,
    ended,
    isRunning,
    kill,
    async stop() {
      if (!isRunning()) return
      signalGroup(pid, stopSignal)
      const patience = new AbortController()
      await Promise.race([
        ended,
        pause(stopWithin, undefined, { signal: patience.signal }).catch(() => undefined),
      ])
      patience.abort()
      await kill()
    },
  }
  running.add(part)
  void ended.then(() => running.delete(part))
  await untilReady(plan, child, part)
  return part
}

async function untilReady(plan: PartPlan, child: ChildProcess, part: Part): Promise<void> {
  const deadline = Date.now() + (plan.readyWithin ?? 60_000)
  while (!(await plan.ready().catch(() => false))) {
    if (part.isRunning() && Date.now() < deadline) {
      await pause(PROBE_EVERY)
      continue
    }
    const why = part.isRunning()
      ? 'was not ready in time'
      : `ended before it was ready (${child.signalCode ?? `exit code ${child.exitCode}`})`
    await part.kill()
    throw new Error(`${plan.name} ${why}. The end of ${plan.logFile}:\n${await lastLines(plan.logFile)}`)
  }
}

function postGuard(pid: number, stopSignal: string, stopWithin: number): () => void {
  const tenths = String(Math.ceil(stopWithin / 100))
  const guard = spawn('sh', ['-c', GUARD, 'guard', String(pid), stopSignal.slice('SIG'.length), tenths], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  guard.unref()
  guard.stdin.on('error', () => undefined)
  if ('unref' in guard.stdin && typeof guard.stdin.unref === 'function') guard.stdin.unref()
  return () => guard.stdin.end('ended\n')
}

/** Reaches what the part started, too. A group that is already gone is what was wanted. */
function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

async function lastLines(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch(() => '')
  return text.trimEnd().split('\n').slice(-12).join('\n')
}
