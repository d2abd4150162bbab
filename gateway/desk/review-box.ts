/** What of a review rests encrypted: who asked, and about whom. Refuses to open what belongs to another review. */
import type { NhsNumber } from '../../schema/nhs-number.ts'
import type { SealedBox } from '../ledger/sealed-box.ts'

export interface Asker {
  readonly issuer: string
  readonly subject: string
  readonly name: string
  readonly role: string
  readonly agency: string
}

export const sealIn = (box: SealedBox, review: string, content: Asker | { nhsNumber: NhsNumber }): Buffer =>
  box.seal(Buffer.from(JSON.stringify({ review, ...content })))

function opened(box: SealedBox, review: string, sealed: Buffer): unknown {
  const content = JSON.parse(box.open(sealed).toString()) as { readonly review: string }
  if (content.review !== review) throw new Error('what a review holds belongs to another review')
  return content
}

export const askerIn = (box: SealedBox, review: string, sealed: Buffer): Asker =>
  opened(box, review, sealed) as Asker

export const numberIn = (box: SealedBox, review: string, sealed: Buffer): NhsNumber =>
  (opened(box, review, sealed) as { readonly nhsNumber: NhsNumber }).nhsNumber
