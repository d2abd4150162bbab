/** The unique pupil number, by which schools know a child. */

/** 13 characters with a valid check letter; a temporary UPN ends in a letter. */
export type Upn = string & { readonly __brand: 'Upn' }

/** DfE, Unique Pupil Numbers guide: letters without I, O and S. */
const LETTERS = 'ABCDEFGHJKLMNPQRTUVWXYZ'

/** The check letter: Σ(digit × weight 2…13) mod 23, where a closing letter counts as its place in LETTERS. */
export function upnCheckLetter(twelve: string): string | undefined {
  const sum = [...twelve].reduce((total, character, place) => {
    const value = /\d/.test(character) ? Number(character) : LETTERS.indexOf(character)
    return total + value * (place + 2)
  }, 0)
  return LETTERS[sum % 23]
}

export function isUpn(text: string): text is Upn {
  return /^[A-Z]\d{11}[\dA-Z]$/.test(text) && upnCheckLetter(text.slice(1)) === text[0]
}
