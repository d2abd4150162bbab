/** What is typed finds its command, quickly; what is no command is told which there are. */
import { expect, test } from 'vitest'
import { sightlineCommand } from '../../../gateway/commands/sightline.ts'

const namesFor = async (typed?: string) =>
  (await sightlineCommand(typed)).commands.map((command) => command.name())

test('the command that was typed is there, and nothing else is loaded for it', async () => {
  for (const name of await namesFor()) expect(await namesFor(name)).toEqual([name])
})

test.each(['--help', 'tokne', 'constructor'])(
  'for `%s`, which is no command, all are there',
  async (typed) => {
    expect(await namesFor(typed)).toEqual(await namesFor())
  },
)
