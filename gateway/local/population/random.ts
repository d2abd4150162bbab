/**
 * Chance that repeats itself: the same seed gives the same people on every machine and every Node.
 * Refuses nothing; never reads the clock or the system's own randomness.
 */

export interface Random {
  /** at least 0, less than 1 */
  fraction(): number
  /** whole, both ends included */
  between(least: number, most: number): number
  chance(probability: number): boolean
  pick<const Choices extends readonly [unknown, ...unknown[]]>(from: Choices): Choices[number]
  /** `count` different ones, or all there are, in the order of the list */
  some<T>(from: readonly T[], count: number): T[]
}

/** Spreads the seed's text over 32 bits: FNV-1a (Fowler, Noll, Vo) with a closing mix. */
function hash(text: string, start: number): number {
  let value = start
  for (let place = 0; place < text.length; place++) {
    value = Math.imul(value ^ text.charCodeAt(place), 0x01000193)
  }
  value = Math.imul(value ^ (value >>> 16), 0x7feb352d)
  return (value ^ (value >>> 15)) >>> 0
}

/**
 * The generator is sfc32 (Doty-Humphrey, PractRand, public domain).
 * @param seed any parts; `random(7, 'household', 12)` is independent of `random(7, 'household', 13)`
 */
export function random(...seed: readonly (string | number)[]): Random {
  const text = seed.join('|')
  let a = hash(text, 0x811c9dc5)
  let b = hash(text, 0x9e3779b9)
  let c = hash(text, 0x85ebca6b)
  let counter = 1
  const fraction = () => {
    const sum = (a + b + counter++) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (((c << 21) | (c >>> 11)) + sum) | 0
    return (sum >>> 0) / 4294967296
  }
  for (let round = 0; round < 12; round++) fraction()
  const between = (least: number, most: number) => least + Math.floor(fraction() * (most - least + 1))
  return {
    fraction,
    between,
    chance: (probability) => fraction() < probability,
    pick: (from) => from[between(0, from.length - 1)] ?? from[0],
    some(from, count) {
      let wanted = Math.min(count, from.length)
      return from.filter((_, place) => {
        const taken = fraction() * (from.length - place) < wanted
        if (taken) wanted--
        return taken
      })
    },
  }
}
