/** The hand-written children, by whom tests and the command line name what Sightline promises. Their numbers stay. */
import { allFour, allFourSibling, tellAllFour } from './stories/all-four.ts'
import { border, tellBorderChildren, underReview } from './stories/border.ts'
import { siblings, siblingsSecond, siblingsThird, tellFamily } from './stories/family.ts'
import {
  adopted,
  adoptedBefore,
  noRecord,
  protectedPerson,
  refuge,
  sealed,
  tellGuarded,
} from './stories/guarded.ts'
import { childInNeed, tellChildInNeed } from './stories/in-need.ts'
import { dobClash, tellMistaken, twinA, twinB } from './stories/mistaken.ts'
import type { Story, Told } from './stories/story.ts'
import {
  longChronology,
  sensitiveHealth,
  tellYoungPeople,
  youngPersonRefusal,
} from './stories/young-people.ts'

/** A valid number under which no agency holds anyone. */
const nobody: Story = {
  id: 'nobody',
  nhsNumber: '9990000158',
  name: 'nobody',
  dateOfBirth: '2026-10-01',
  sentence: 'A valid NHS number under which no agency holds anyone.',
  neverShown: [],
}

export const stories: readonly Story[] = [
  allFour,
  childInNeed,
  refuge,
  adopted,
  adoptedBefore,
  protectedPerson,
  sealed,
  noRecord,
  twinA,
  twinB,
  dobClash,
  border,
  underReview,
  nobody,
  sensitiveHealth,
  youngPersonRefusal,
  longChronology,
  siblings,
  siblingsSecond,
  siblingsThird,
  allFourSibling,
]

/** @throws where no story has that id: a test misspelt it */
export function storyOf(id: string): Story {
  const found = stories.find((story) => story.id === id)
  if (found === undefined) throw new Error(`there is no story \`${id}\``)
  return found
}

export const storyChildren = (today: string): Told[] => [
  ...tellAllFour(today),
  ...tellChildInNeed(today),
  ...tellGuarded(today),
  ...tellMistaken(today),
  ...tellBorderChildren(today),
  ...tellYoungPeople(today),
  ...tellFamily(today),
]

export type { Story }
