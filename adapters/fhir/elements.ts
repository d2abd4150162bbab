/**
 * Finds which elements of a resource a FHIRPath expression reads, before there is a resource, so that a search can ask
 * for these alone (`_elements`). Pure. What cannot be told for certain is a doubt, never a guess.
 */
import {
  AsAtom,
  type Atom,
  DotAtom,
  EmptySetAtom,
  FhirPathAtom,
  FunctionAtom,
  IndexerAtom,
  InfixOperatorAtom,
  IsAtom,
  LiteralAtom,
  PrefixOperatorAtom,
  SymbolAtom,
  UnionAtom,
} from '@medplum/core'
import type { Doubt } from '../places.ts'

/** What a value may be: the resource found, the patient, both; or something within them, where it is neither. */
export interface Whole {
  readonly resource: boolean
  readonly patient: boolean
}
export const THE_RESOURCE: Whole = { resource: true, patient: false }
export const THE_PATIENT: Whole = { resource: true, patient: true }
/** As `each` gives them: nothing of them is an element of the resource itself. */
export const WITHIN: Whole = { resource: false, patient: false }

export interface ElementsRead {
  readonly resource: ReadonlySet<string>
  readonly patient: ReadonlySet<string>
}

/** @param from what the expression is seen from */
export function elementsRead(expression: FhirPathAtom, from: Whole): ElementsRead | Doubt {
  const read = { resource: new Set<string>(), patient: new Set<string>() }
  try {
    worked(walk(expression, from, read))
    return read
  } catch (error) {
    if (error instanceof Unclear) return { doubt: error.message }
    throw error
  }
}

class Unclear extends Error {}

interface Read {
  readonly resource: Set<string>
  readonly patient: Set<string>
}

const isWhole = ({ resource, patient }: Whole) => resource || patient
const either = (one: Whole, other: Whole): Whole => ({
  resource: one.resource || other.resource,
  patient: one.patient || other.patient,
})

/** @param here what the expression sees as its input */
function walk(atom: Atom, here: Whole, read: Read): Whole {
  if (atom instanceof FhirPathAtom) return walk(atom.child, here, read)
  if (atom instanceof LiteralAtom || atom instanceof EmptySetAtom) return WITHIN
  if (atom instanceof SymbolAtom) return symbol(atom.name, here, read)
  if (atom instanceof FunctionAtom) return call(atom, here, read)
  if (atom instanceof DotAtom) return walk(atom.right, walk(atom.left, here, read), read)
  if (atom instanceof UnionAtom) return either(walk(atom.left, here, read), walk(atom.right, here, read))
  // of these two the right side names a type
  if (atom instanceof AsAtom) return walk(atom.left, here, read)
  if (atom instanceof IsAtom) return isOfType(atom, here, read)
  if (atom instanceof IndexerAtom) {
    literal(atom.expr)
    return walk(atom.left, here, read)
  }
  if (atom instanceof PrefixOperatorAtom) return worked(walk(atom.child, here, read))
  if (atom instanceof InfixOperatorAtom)
    return worked(either(walk(atom.left, here, read), walk(atom.right, here, read)))
  throw new Unclear('it holds something that is not known here')
}

function isOfType({ left }: IsAtom, here: Whole, read: Read): Whole {
  walk(left, here, read)
  return WITHIN
}

/** A value that was worked out of a whole resource may depend on all of it. */
function worked(value: Whole): Whole {
  if (isWhole(value)) throw new Unclear('it takes a whole resource')
  return WITHIN
}

function symbol(name: string, here: Whole, read: Read): Whole {
  if (name === '$this') return here
  if (name === '%resource') return THE_RESOURCE
  if (name === '%patient') return { resource: false, patient: true }
  if (/^[%$]/.test(name)) throw new Unclear(`nothing here gives \`${name}\``)
  if (isWhole(here) && /^[A-Z]/.test(name)) return here // `Patient.name`: the type of the resource itself
  element(name, here, read)
  return WITHIN
}

function element(name: string, here: Whole, read: Read): void {
  if (here.resource) read.resource.add(name)
  if (here.patient) read.patient.add(name)
}

const words = (text: string) => text.split(' ')
/** Their argument is seen from each thing that they are called on. */
const CRITERIA = new Set(words('where select all exists'))
/** They give what they are called on, or some of it. */
const SAME = new Set(words('where first last tail single skip take ofType as'))
/** They tell whether something is there, whatever it is. */
const PRESENCE = new Set(words('exists empty count is'))
/** Their argument names a type. */
const TYPED = new Set(words('ofType as is'))

function call({ name, args }: FunctionAtom, here: Whole, read: Read): Whole {
  if (name === 'iif')
    return args
      .map((each, place) => (place === 0 ? worked(walk(each, here, read)) : walk(each, here, read)))
      .reduce(either, WITHIN)
  if (name === 'extension') element('extension', here, read)
  const given = args.map((each) => {
    if (TYPED.has(name)) return WITHIN
    if (!CRITERIA.has(name)) return literal(each)
    const value = walk(each, here, read)
    return name === 'select' ? value : worked(value)
  })
  if (name === 'select') return given.reduce(either, WITHIN)
  if (SAME.has(name)) return here
  if (isWhole(here) && name !== 'extension' && name !== 'all' && !PRESENCE.has(name))
    throw new Unclear(`it calls ${name}() on a whole resource`)
  return WITHIN
}

function literal(atom: Atom): Whole {
  if (!(atom instanceof LiteralAtom)) throw new Unclear('a function or index depends on something else')
  return WITHIN
}
