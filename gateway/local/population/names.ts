/** Names, languages and ethnicities as a town in England holds them. Combined by chance: nobody is meant. */
import type { Random } from './random.ts'

interface Heritage {
  /** in a hundred households */
  readonly share: number
  /** ONS census categories; one per child of the household */
  readonly ethnicities: readonly [string, ...string[]]
  readonly languages: readonly [string, ...string[]]
  readonly girls: readonly [string, ...string[]]
  readonly boys: readonly [string, ...string[]]
  readonly families: readonly [string, ...string[]]
}

const words = (text: string) => text.split(' ') as [string, ...string[]]

export const heritages: readonly [Heritage, ...Heritage[]] = [
  {
    share: 58,
    ethnicities: ['White British'],
    languages: ['English'],
    girls: words(
      'Olivia Amelia Isla Ava Lily Freya Florence Willow Poppy Ivy Elsie Evie Daisy Phoebe Sienna Matilda Harriet Molly Scarlett Imogen Rosie Maisie Eliza Martha Beatrice Jessica Chloe Ellie Megan Holly',
    ),
    boys: words(
      'Oliver George Harry Noah Jack Leo Arthur Oscar Archie Henry Theodore Freddie Charlie Alfie Jacob Thomas Finley Isaac Logan Joshua Samuel Riley Toby Callum Jake Lewis Ryan Tyler Connor Kian',
    ),
    families: words(
      'Ashworth Barraclough Clegg Dunmore Entwistle Fairclough Garside Hargreaves Illingworth Jessop Kershaw Lockwood Micklethwaite Naylor Ogden Pickles Ramsbottom Sutcliffe Thackeray Uttley Varley Whitaker Yardley Birch Cartwright Dyson Ellershaw Firth Greenhalgh Holroyd Marsden Pollard Rigby Shaw Tordoff Wadsworth',
    ),
  },
  {
    share: 5,
    ethnicities: ['White Irish', 'Gypsy or Irish Traveller'],
    languages: ['English'],
    girls: words('Aoife Niamh Saoirse Ciara Bridget Margaret Róisín Kathleen'),
    boys: words('Liam Cormac Padraig Eoin Patrick Declan Oisín Miley'),
    families: words("O'Rourke McGinley Doherty Connors Sheridan O'Leary Maughan Kilbride"),
  },
  {
    share: 8,
    ethnicities: ['Other White', 'Roma'],
    languages: ['Polish', 'Romanian', 'Lithuanian', 'Slovak'],
    girls: words('Zuzanna Maja Julia Alicja Ioana Andreea Gabija Luciana'),
    boys: words('Jakub Szymon Filip Kacper Andrei Mihai Lukas Marian'),
    families: words('Kowalczyk Wiśniewska Zielinski Popescu Ionescu Kazlauskas Horváth Dumitru'),
  },
  {
    share: 9,
    ethnicities: ['Pakistani'],
    languages: ['Urdu', 'Punjabi', 'English'],
    girls: words('Aisha Zara Hafsa Maryam Iqra Noor Sana Aleena Zainab Anaya'),
    boys: words('Muhammad Ibrahim Yusuf Hamza Bilal Zayn Haris Umar Mohammed Ayaan'),
    families: words('Hussain Khan Akhtar Mahmood Iqbal Malik Shah Rafiq Begum Chaudhry'),
  },
  {
    share: 5,
    ethnicities: ['Indian', 'Bangladeshi'],
    languages: ['Gujarati', 'Bengali', 'Tamil', 'English'],
    girls: words('Anika Diya Priya Meera Tanisha Sumaiya Kavya Nusrat'),
    boys: words('Arjun Rohan Dev Vihaan Tahmid Rafi Kiran Nikhil'),
    families: words('Patel Sharma Rahman Chowdhury Singh Kaur Nair Miah'),
  },
  {
    share: 6,
    ethnicities: ['Black African'],
    languages: ['English', 'Yoruba', 'Somali', 'Tigrinya'],
    girls: words('Temitope Adaeze Chidera Abena Hodan Ayaan Selam Ngozi'),
    boys: words('Oluwaseun Chidi Kwame Tunde Abdi Yonas Emeka Kofi'),
    families: words('Adeyemi Okonkwo Mensah Boateng Warsame Tesfaye Eze Olatunji'),
  },
  {
    share: 6,
    ethnicities: ['White and Black Caribbean', 'Black Caribbean', 'White and Asian'],
    languages: ['English'],
    girls: words('Shanice Aaliyah Tiana Kiera Renée Maya Jada Amara'),
    boys: words('Tyrese Marlon Kai Jermaine Andre Reuben Dante Malachi'),
    families: words('Campbell Grant Reid Bennett-Clarke Francis Morgan-Lewis Gayle Thompson'),
  },
  {
    share: 3,
    ethnicities: ['Arab', 'Any other ethnic group'],
    languages: ['Arabic', 'Kurdish', 'Pashto', 'Dari'],
    girls: words('Layla Rania Shirin Dilnoza Yasmin Fatima'),
    boys: words('Omar Karim Rojan Ahmad Zubair Sami'),
    families: words('al-Hashimi Barzani Stanikzai Haddad Karimi bin-Saleh'),
  },
]

const nicknames: Readonly<Record<string, string>> = {
  Olivia: 'Liv',
  Florence: 'Flo',
  Matilda: 'Tilly',
  Harriet: 'Hattie',
  Beatrice: 'Bea',
  Jessica: 'Jess',
  Margaret: 'Peggy',
  Theodore: 'Teddy',
  Joshua: 'Josh',
  Samuel: 'Sam',
  Thomas: 'Tom',
  Jacob: 'Jake',
  Zuzanna: 'Zuzia',
  Jakub: 'Kuba',
  Muhammad: 'Mo',
  Mohammed: 'Mo',
  Ibrahim: 'Ibby',
  Oluwaseun: 'Seun',
  Temitope: 'Temi',
  Adaeze: 'Ada',
  Tanisha: 'Tani',
  Aaliyah: 'Liyah',
  Jermaine: 'Jay',
}

export const nicknameOf = (given: string): string | null => nicknames[given] ?? null

export function heritageByChance(random: Random): Heritage {
  let place = random.fraction() * 100
  for (const heritage of heritages) {
    place -= heritage.share
    if (place < 0) return heritage
  }
  return heritages[0]
}

export type { Heritage }
