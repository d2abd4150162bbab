/** Prints the schema that practitioners ask to schema/schema.graphql, where it is committed. */
import { writeFile } from 'node:fs/promises'
import { lexicographicSortSchema, printSchema } from 'graphql'
import { stitchedSchema } from '../sharing/stitched-schema.ts'

export const printedSchema = () => `${printSchema(lexicographicSortSchema(stitchedSchema()))}\n`

if (import.meta.url === `file://${process.argv[1]}`)
  await writeFile(new URL('../../schema/schema.graphql', import.meta.url), printedSchema())
