/** Runs a command in this process, as from a terminal. */
import type { Command } from 'commander'
import { vi } from 'vitest'

/** @returns what a person would read */
export async function printed(command: Command, ...args: string[]): Promise<string> {
  let out = ''
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    out += String(text)
    return true
  })
  try {
    await command.parseAsync(args, { from: 'user' })
  } finally {
    vi.restoreAllMocks()
  }
  return out
}
