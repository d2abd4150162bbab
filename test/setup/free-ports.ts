/** Gives each worker ports of its own: between finding one free and listening on it a broker takes seconds. */
import { LENT_TO_NOBODY } from '../../gateway/local/ports.ts'

const WORKERS = 8
const { from, until } = LENT_TO_NOBODY
const share = Math.floor((until - from) / WORKERS)
const first = from + ((Number(process.env.VITEST_POOL_ID ?? 1) - 1) % WORKERS) * share
process.env.SIGHTLINE_FREE_PORTS = `${first}-${first + share}`
