/** One request to a JSON-over-REST system, as a custodian's file declares it. */
import { z } from 'zod'

const expression = z.string().min(1)

const part = z.strictObject({
  /** the query parameter that names the parts wanted */
  parameter: z.string().min(1),
  /** part → the record types that need it */
  of: z.record(z.string(), z.array(z.string())),
  /** what it says where no part is wanted; left out where the parameter is then left out */
  otherwise: z.string().min(1).optional(),
})

/** Sparse fieldsets, as JSON:API calls them: `fields[pupils]=id,legalForename`. */
const fields = z.strictObject({
  /** the query parameter that names the fields wanted; `{list}` in it is the list */
  parameter: z.string().min(1),
  /** list → where its objects stand in the answer, such as `data.attendance` */
  of: z.record(
    z.string(),
    z.string().regex(/^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$/, { error: 'write a path, such as `data.attendance`' }),
  ),
})

const paging = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('cursor'), parameter: z.string(), next: expression }),
  z.strictObject({
    kind: z.literal('offset'),
    parameter: z.string(),
    /** the page is the last one when it holds fewer items than this */
    size: z.number().int().min(1).max(1000),
    items: expression,
  }),
  /** the address of the next page, in the body; where `next` is left out, in the header `link` */
  z.strictObject({ kind: z.literal('link'), next: expression.optional() }),
])

export const request = z.strictObject({
  /** under this name the mapping finds the answer */
  name: z
    .string()
    .regex(/^[a-z][A-Za-z0-9]*$/, { error: 'use letters and digits, beginning with a small letter' }),
  /** below the base address; `{nhsNumber}`, `{a connection value}` or `{a value of for}` are filled in, encoded */
  path: z.string().regex(/^\/[^\s#]*$/, { error: 'begin with `/`' }),
  include: part.optional(),
  /** how single fields are asked for. It has no default: whoever cannot ask for them says so */
  fieldSelection: z.union([z.literal('none'), fields], {
    error:
      'write `{ parameter: …, of: … }`, so that only the fields that may be shown are asked for, or `none` where the system cannot do that',
  }),
  /** sent only where one of these record types is asked for */
  serves: z.array(z.string()).optional(),
  /** sent once for each object that this expression gives */
  for: expression.optional(),
  paging: paging.optional(),
  /** what a status other than success means; `absent`: this request found nothing, others may */
  statuses: z
    .record(z.string().regex(/^[1-5]\d\d$/), z.enum(['not-held', 'absent', 'under-review']))
    .default({}),
})

export type RestRequest = z.infer<typeof request>
