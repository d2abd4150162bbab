/** Streets, towns and telephone numbers that do not exist. Postcode areas NS and EM are not in use. */
import type { Address } from './person.ts'
import type { Random } from './random.ts'

const streets = [
  'Saltmarsh Lane',
  'Chapel Fold',
  'Weavers Row',
  'Bobbin Street',
  'Tenterfield Road',
  'Millrace Close',
  'Quarry Bank',
  'Larkspur Avenue',
  'Kiln Terrace',
  'Reservoir View',
  'Tram Street',
  'Canal Wharf',
  'Beacon Rise',
  'Foundry Lane',
  'Orchard Croft',
  'Stonebeck Drive',
  'Priory Gardens',
  'Coalgate',
  'Linnet Way',
  'Moorside Crescent',
] as const
const northshire = ['Northshire', 'Hollybank', 'Westvale', 'Thornley Bridge', 'Castlebeck'] as const
const eastmere = ['Eastmere', 'Staithe End', 'Fenwick Lode'] as const
const LETTERS = 'ABDEFGHJLNPQRSTUWXYZ' // the letters that an inward postcode may end in (Royal Mail PAF guide)

export function addressByChance(random: Random, county: 'northshire' | 'eastmere'): Address {
  const letter = () => LETTERS[random.between(0, LETTERS.length - 1)] ?? 'A'
  const flat = random.chance(0.18) ? `Flat ${random.between(1, 24)}, ` : ''
  return {
    line: `${flat}${random.between(1, 180)} ${random.pick(streets)}`,
    town: random.pick(county === 'northshire' ? northshire : eastmere),
    postcode: `${county === 'northshire' ? 'NS' : 'EM'}${random.between(1, 14)} ${random.between(1, 9)}${letter()}${letter()}`,
  }
}

const three = (number: number) => String(number).padStart(3, '0')

/** Ofcom, numbers for drama use: 07700 900000 to 900999. */
export const mobileByChance = (random: Random): string => `07700 900${three(random.between(0, 999))}`

/** Ofcom, numbers for drama use, no area: 01632 960000 to 960999. Those below 600 belong to agencies and stories. */
export const landlineByChance = (random: Random): string => `01632 960${three(random.between(600, 999))}`
