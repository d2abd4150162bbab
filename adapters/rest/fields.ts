/**
 * Says which fields of which list one request asks for: those that the question needs and no others. Pure.
 * A list of which nothing is needed is asked for with no field at all: left out, it would come whole.
 */
import type { Asked } from '../answer-document.ts'
import type { RestFile } from '../custodian-file.ts'
import { type Need, needsOf, placesFor } from '../needs.ts'
import { isWithin, type Place } from '../places.ts'
import type { FileFault } from '../preset.ts'
import type { RestRequest } from './request.ts'

/** List → names of its fields, in alphabetical order. */
export type Fields = ReadonlyMap<string, readonly string[]>

/** The parts of `include` that these record types need. */
export const partsOf = ({ include }: RestRequest, asked: readonly string[]): readonly string[] =>
  Object.entries(include?.of ?? {}).flatMap(([part, types]) =>
    types.some((type) => asked.includes(type)) ? [part] : [],
  )

/** The mapping's needs, and those of what follows pages or finds what to fetch next. */
export const requestNeeds = (file: RestFile) =>
  needsOf(
    file,
    file.requests.flatMap(({ name, for: each, paging }) => {
      const next = paging === undefined ? undefined : paging.kind === 'offset' ? paging.items : paging.next
      return [[`requests.${name}.for`, each] as const, [`requests.${name}.paging`, next, [[name]]] as const]
    }),
  )

interface List {
  readonly name: string
  readonly place: Place
}

const listsOf = ({ name, fieldSelection }: RestRequest): readonly List[] =>
  fieldSelection === 'none'
    ? []
    : Object.entries(fieldSelection.of).map(([list, path]) => ({
        name: list,
        place: [name, ...path.split('.')],
      }))

export function fieldsAsked(
  request: RestRequest,
  needs: readonly Need[],
  recordTypes: Asked['recordTypes'],
): Fields {
  const lists = listsOf(request)
  const places = placesFor(needs, recordTypes)
  const asked = partsOf(
    request,
    recordTypes.map(({ name }) => name),
  )
  /** a part that is not included does not come, whatever its fields */
  const comes = ({ name }: List) => asked.includes(name) || !Object.hasOwn(request.include?.of ?? {}, name)
  return new Map(
    lists
      .filter(comes)
      .map(({ name, place }) => [name, [...new Set(fieldsIn(place, places, lists))].sort()] as const),
  )
}

/** A list within a list is not a field of it: it has its own. */
const fieldsIn = (list: Place, places: readonly Place[], lists: readonly List[]): readonly string[] =>
  places.flatMap((place) => {
    const name = place[list.length]
    if (name === undefined || !isWithin(place, list)) return []
    const isList = lists.some((one) => one.place.length === list.length + 1 && isWithin(place, one.place))
    return isList ? [] : [name]
  })

/** What keeps single fields from being asked for: each fault with the key that it stands under. */
export function fieldFaults(file: RestFile): readonly FileFault[] {
  const lists = file.requests.flatMap((request) =>
    listsOf(request).map((list) => ({ ...list, key: `requests.${request.name}.fieldSelection` })),
  )
  if (lists.length === 0) return []
  const { needs, faults } = requestNeeds(file)
  const whole = needs.flatMap(({ key, places }) =>
    places
      .filter((place) => lists.some((list) => isWithin(list.place, place)))
      .map((place) => ({
        key,
        remedy: `\`${place.join('.')}\` would be read whole; name the single fields beneath it`,
      })),
  )
  const unread = lists
    .filter(({ place }) => !needs.some(({ places }) => places.some((one) => isWithin(one, place))))
    .map(({ key, name, place }) => ({
      key,
      remedy: `nothing here reads \`${place.join('.')}\`; take \`${name}\` out, or correct its path`,
    }))
  const unnamed = file.requests.flatMap(({ name, fieldSelection }) =>
    fieldSelection !== 'none' &&
    Object.keys(fieldSelection.of).length > 1 &&
    !fieldSelection.parameter.includes('{list}')
      ? [
          {
            key: `requests.${name}.fieldSelection.parameter`,
            remedy: 'several lists need `{list}` in it, as in `fields[{list}]`',
          },
        ]
      : [],
  )
  return [...faults, ...whole, ...unread, ...unnamed]
}
