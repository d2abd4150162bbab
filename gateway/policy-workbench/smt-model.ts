/** From what Z3 found back to one concrete question, in the form in which the gateway puts it to the policies. */
import type { PolicyRequest } from '../sharing/policy/decide.ts'
import type { PolicySchema, RecordShape, Shape } from '../sharing/policy/policy-schema.ts'
import type { Texts } from './smt-world.ts'

export type Asked = Omit<PolicyRequest, 'action'>

/** Values of variables by name, as Z3 prints them: `true`, `-5`, `#b101`; one left out could be anything. */
export type Model = ReadonlyMap<string, string>

/** @param nameOf as given to `openWorld` */
export function askedIn(
  model: Model,
  schema: PolicySchema,
  nameOf: (path: string) => string,
  texts: Texts,
): Asked {
  const at = (path: string): string | undefined => model.get(nameOf(path))
  const numberAt = (path: string): number => Number(at(path)?.replace('#', '0') ?? 0)
  const heldAt = (shape: Shape, path: string): unknown => {
    switch (shape.kind) {
      case 'boolean':
        return at(path) === 'true'
      case 'long':
        return numberAt(path)
      case 'datetime':
        return new Date(numberAt(path))
      case 'string':
        return texts.textOf(numberAt(path))
      case 'code':
        return [...shape.ids.keys()][numberAt(path)]
      case 'set':
        return shape.of.kind === 'code'
          ? [...shape.of.ids.keys()].filter((id) => at(`${path} ${id}`) === 'true')
          : []
      case 'record':
        return recordOf(shape, path)
    }
  }
  const recordOf = (shape: RecordShape, path: string): Record<string, unknown> =>
    Object.fromEntries(
      [...shape.attributes].flatMap(([name, attribute]) => {
        const inner = `${path}.${name}`
        const present = attribute.required || at(`${inner}?`) === 'true'
        return present ? [[name, heldAt(attribute.shape, inner)]] : []
      }),
    )
  return {
    practitioner: recordOf(schema.principal, 'principal'),
    record: recordOf(schema.resource, 'resource'),
    context: recordOf(schema.context, 'context'),
  } as unknown as Asked
}

const others = ['one-agency', 'another-agency', 'a-third-agency', 'a-fourth-agency']

/** Each text its number, and each number that no policy names the next of a few invented texts. */
export function numberedTexts(): Texts {
  const numbers = new Map<string, number>()
  const invented = new Map<number, string>()
  return {
    numberOf: (text) => {
      const number = numbers.get(text) ?? numbers.size
      numbers.set(text, number)
      return number
    },
    textOf: (number) => {
      const known = [...numbers.keys()][number] ?? invented.get(number)
      if (known !== undefined) return known
      const text = others[invented.size] ?? `agency-${invented.size + 1}`
      invented.set(number, text)
      return text
    },
  }
}
