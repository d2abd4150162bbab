/**
 * Z3, the solver behind `policy prove`, spoken to in SMT-LIB. It is a development dependency: a gateway in service
 * has none, and is told what to install. Refuses a script in which Z3 finds any error.
 */
import { setTimeout } from 'node:timers/promises'
import { Refusal } from '../../schema/refusal.ts'

export type Answer =
  | { readonly kind: 'unsat' }
  /** values of the constants asked for, as Z3 prints them */
  | { readonly kind: 'sat'; readonly model: ReadonlyMap<string, string> }

export interface Solver {
  /**
   * Whether the assertions of a script can hold together. Remembers nothing of earlier scripts.
   * @param constants names of those whose values make up the answer
   */
  check(script: string, constants?: readonly string[]): Promise<Answer>
  /** Ends Z3's worker threads, which would keep the process alive. */
  close(): Promise<void>
}

/** Milliseconds for one question; today's take a few dozen. Beyond it Z3 says `unknown`, which proves nothing. */
const PATIENCE = 60_000

/** What is used of the module that z3-solver compiles from C, beneath what its types describe. */
interface Emscripten {
  readonly HEAPU32: Uint32Array
  readonly PThread: { readonly runningWorkers: readonly unknown[]; terminateAllThreads(): void }
  _malloc(bytes: number): number
  _free(pointer: number): void
  ccall(name: string, returns: 'void', kinds: readonly 'number'[], values: readonly number[]): void
  async_call(start: () => void): Promise<string>
}

/** @throws Refusal `SOLVER_NOT_INSTALLED` */
export async function openSolver(): Promise<Solver> {
  const { Z3, em } = await load()
  const emscripten = em as Emscripten
  const configuration = Z3.mk_config()
  const context = Z3.mk_context(configuration)
  Z3.del_config(configuration)

  /**
   * `Z3.eval_smtlib2_string` of z3-solver 4.16.0 gives up the memory of its text before the worker has read it, so
   * that now and then Z3 reads another text. Here the text stays until the answer is there.
   */
  async function evaluate(script: string): Promise<string> {
    const bytes = Buffer.from(`${script}\0`)
    const pointer = emscripten._malloc(bytes.length)
    new Uint8Array(emscripten.HEAPU32.buffer).set(bytes, pointer)
    try {
      const answer = await emscripten.async_call(() =>
        emscripten.ccall(
          'async_Z3_eval_smtlib2_string',
          'void',
          ['number', 'number'],
          [Number(context), pointer],
        ),
      )
      if (answer.includes('(error')) throw new Error(`Z3 does not take the script: ${answer.trim()}`)
      return answer.trim()
    } finally {
      emscripten._free(pointer)
    }
  }
  return {
    async check(script, constants = []) {
      const answer = await evaluate(`(reset)(set-option :timeout ${PATIENCE})${script}(check-sat)`)
      if (answer === 'unsat') return { kind: 'unsat' }
      if (answer !== 'sat')
        throw new Refusal('SOLVER_GAVE_UP', 'Z3 came to no result in a minute; nothing is proved')
      if (constants.length === 0) return { kind: 'sat', model: new Map() }
      const values = valuesIn(
        await evaluate(`(get-value (${constants.map((name) => `|${name}|`).join(' ')}))`),
      )
      return { kind: 'sat', model: new Map(constants.map((name, place) => [name, values[place] ?? ''])) }
    },
    async close() {
      const { PThread } = emscripten
      // a worker that has answered still tidies up, and complains on standard error if it is stopped in that
      for (let wait = 0; wait < 50 && PThread.runningWorkers.length > 0; wait += 1) await setTimeout(10)
      PThread.terminateAllThreads()
    },
  }
}

/** `((|a b| true) (c (- 5)) (|d| #b101))` gives `true`, `-5`, `#b101`. */
export function valuesIn(answer: string): string[] {
  const pairs = answer.matchAll(/\((?:\|[^|]*\||[^\s()|]+)\s+(\(- \d+\)|[^\s()]+)\)/g)
  return [...pairs].map(([, value = '']) => value.replace(/^\(- (\d+)\)$/, '-$1'))
}

async function load() {
  const package_ = await import('z3-solver').catch(() => {
    throw new Refusal(
      'SOLVER_NOT_INSTALLED',
      'proofs need the solver Z3, which is installed for development only; run `npm install` without `--omit=dev`',
    )
  })
  return package_.init()
}
