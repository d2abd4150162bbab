/**
 * The numbers by which agencies know a child. Deals NHS numbers of the 999 test range only, each once, and
 * unique pupil numbers with a valid check letter.
 */
import { type NhsNumber, nhsCheckDigit } from '../../../schema/nhs-number.ts'
import { upnCheckLetter } from '../../../schema/upn.ts'

/** NHS numbers that begin with 999 are never given to a person: they are for tests. */
const TEST_RANGE = 999
const SERIALS = 1_000_000
/** The first thousand serials belong to the hand-written stories. */
const KEPT_FOR_STORIES = 1_000
/** Coprime to SERIALS, so that serial × STRIDE visits every serial once, and neighbours are far apart. */
const STRIDE = 381_737
/** Valid numbers outside the stories' own: nine tenths and a bit, for modulus 11 has no digit for the rest. */
export const NHS_NUMBERS_TO_DEAL = 908_182

/** The NHS number with this serial in the test range, or null where modulus 11 gives none. */
export function testNhsNumber(serial: number): NhsNumber | null {
  const nine = `${TEST_RANGE}${String(serial).padStart(6, '0')}`
  const check = nhsCheckDigit(nine)
  return check === null ? null : (`${nine}${check}` as NhsNumber)
}

/**
 * Deals one number per child, in an order that looks like chance.
 * The range holds fewer than a million valid numbers. Where more children are wanted, the shortfall is spread
 * evenly: those children have no NHS number, as some children in England have none yet.
 */
export function* nhsNumbers(children: number): Generator<NhsNumber | null, void> {
  const shortfall = Math.max(0, children - NHS_NUMBERS_TO_DEAL)
  let step = 0
  for (let child = 0; child < children; child++) {
    if (Math.floor(((child + 1) * shortfall) / children) > Math.floor((child * shortfall) / children)) {
      yield null
      continue
    }
    let number: NhsNumber | null = null
    while (number === null) {
      const serial = (++step * STRIDE) % SERIALS
      if (serial >= KEPT_FOR_STORIES) number = testNhsNumber(serial)
    }
    yield number
  }
}

/** Hollybank's own LA and establishment number; neither exists (DfE gives LA codes from 201 to 947). */
const LA_AND_ESTABLISHMENT = '9994000'

/**
 * A pupil number as the school of first entry gives it: check letter, LA, establishment, year, serial.
 * @param child serial of the child; carried in year and serial, so that a million stay unique
 */
export function pupilNumber(child: number): string {
  const establishment = String(Number(LA_AND_ESTABLISHMENT) + Math.floor(child / 100_000)).padStart(7, '0')
  const twelve = `${establishment}${String(child % 100_000).padStart(5, '0')}`
  return `${upnCheckLetter(twelve) ?? ''}${twelve}`
}
