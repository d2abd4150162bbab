/** Reads what somebody whom we do not trust answers. Refuses to hold more than such an answer can have. */

/** @param most bytes. @throws where there are more, or the connection ends before its answer does */
export async function bodyWithin(response: Response, most: number): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  const reader = response.body?.getReader()
  for (let read = await reader?.read(); read && !read.done; read = await reader?.read()) {
    bytes += read.value.length
    if (bytes > most) {
      await reader?.cancel()
      throw new Error('an answer beyond all measure')
    }
    chunks.push(read.value)
  }
  return Buffer.concat(chunks)
}
