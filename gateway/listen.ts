/** Opens a server at its address. Refuses one where somebody else listens, or that this machine does not have. */
import type { FastifyInstance } from 'fastify'
import { Refusal } from '../schema/refusal.ts'

/** @returns the address, with the port that it got. @throws Refusal ADDRESS_UNUSABLE */
export async function listen(
  server: FastifyInstance,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<string> {
  try {
    return await server.listen({ host, port })
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error && 'code' in error)) throw error
    throw new Refusal(
      'ADDRESS_UNUSABLE',
      `nobody can be answered at \`${host}:${port}\` (${error.code}); end what listens there, or state another host or port`,
    )
  }
}
