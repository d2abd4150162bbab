/** Where the local identity provider keeps sign-ins under way: in memory, so a restart signs everyone out. */
import type { Adapter, AdapterFactory, AdapterPayload } from 'oidc-provider'

interface Kept {
  payload: AdapterPayload
  expires: number
}

export function signInMemory(clock: () => number = Date.now): AdapterFactory {
  const kept = new Map<string, Kept>()
  const live = (key: string): AdapterPayload | undefined => {
    const entry = kept.get(key)
    if (entry && entry.expires > clock()) return entry.payload
    kept.delete(key)
    return undefined
  }
  const where = (kind: string, holds: (payload: AdapterPayload) => boolean): AdapterPayload | undefined => {
    for (const key of kept.keys()) {
      const payload = key.startsWith(`${kind}:`) ? live(key) : undefined
      if (payload && holds(payload)) return payload
    }
    return undefined
  }
  return (kind): Adapter => ({
    async upsert(id, payload, expiresIn) {
      for (const key of kept.keys()) live(key)
      kept.set(`${kind}:${id}`, { payload, expires: expiresIn ? clock() + expiresIn * 1000 : Infinity })
    },
    find: async (id) => live(`${kind}:${id}`),
    findByUid: async (uid) => where(kind, (payload) => payload.uid === uid),
    findByUserCode: async (userCode) => where(kind, (payload) => payload.userCode === userCode),
    async consume(id) {
      const payload = live(`${kind}:${id}`)
      if (payload) payload.consumed = Math.floor(clock() / 1000)
    },
    async destroy(id) {
      kept.delete(`${kind}:${id}`)
    },
    async revokeByGrantId(grantId) {
      for (const [key, { payload }] of kept) if (payload.grantId === grantId) kept.delete(key)
    },
  })
}
