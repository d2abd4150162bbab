/**
 * How well a time tells two kinds of answer apart: the area under the curve (AUC) of the best threshold, with a bootstrap
 * interval. 0.5 is a guess, 1 is certainty.
 */
import type { Random } from '../../gateway/policy-workbench/draw.ts'
import { at, type Row } from './table.ts'

const RESAMPLES = 1_000

/** @returns the columns of a table; the AUC is that of whichever guess is right more often */
export function toldApart(quick: readonly number[], slow: readonly number[], random: Random): Row {
  const found = auc(quick, slow)
  const [low, high] = interval(quick, slow, random)
  const [from, to] = found < 0.5 ? [1 - high, 1 - low] : [low, high]
  return {
    pairs: quick.length,
    AUC: round3(Math.max(found, 1 - found)),
    'from (95 %)': round3(from),
    to: round3(to),
    'without, p50 ms': at(quick, 0.5),
    'with, p50 ms': at(slow, 0.5),
  }
}

/** The chance that a time of `slow` is above one of `quick`; equal times count half. */
function auc(quick: readonly number[], slow: readonly number[]): number {
  const all = [...quick.map((time) => ({ time, slow: 0 })), ...slow.map((time) => ({ time, slow: 1 }))]
  all.sort((a, b) => a.time - b.time)
  let ranks = 0
  for (let start = 0, end = 0; start < all.length; start = end) {
    while (end < all.length && all[end]?.time === all[start]?.time) end += 1
    for (let place = start; place < end; place += 1) ranks += all[place]?.slow ? (start + end + 1) / 2 : 0
  }
  return (ranks - (slow.length * (slow.length + 1)) / 2) / (quick.length * slow.length)
}

function interval(quick: readonly number[], slow: readonly number[], random: Random): [number, number] {
  const again = (times: readonly number[]) => times.map(() => times[Math.floor(random() * times.length)] ?? 0)
  const drawn = Array.from({ length: RESAMPLES }, () => auc(again(quick), again(slow)))
  return [at(drawn, 0.025), at(drawn, 0.975)]
}

const round3 = (value: number) => Math.round(value * 1_000) / 1_000
