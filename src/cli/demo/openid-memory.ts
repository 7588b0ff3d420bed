/** What an OpenID provider of this process remembers, by kind and id, until it is closed. */
import type { Adapter, AdapterPayload } from 'oidc-provider'

interface Kept {
  readonly payload: AdapterPayload
  /** Milliseconds since 1970; the library asks for what is past as well, and judges it by its own clock. */
  readonly until: number
}

export function memoryAdapter(): (kind: string) => Adapter {
  const all = new Map<string, Kept>()
  return (kind) => {
    const key = (id: string): string => `${kind}:${id}`
    const find = async (id: string): Promise<AdapterPayload | undefined> => {
      const kept = all.get(key(id))
      return kept === undefined || kept.until < Date.now() ? undefined : kept.payload
    }
    const findBy = async (matches: (payload: AdapterPayload) => boolean): Promise<AdapterPayload | undefined> => {
      for (const [name, { payload }] of all) if (name.startsWith(`${kind}:`) && matches(payload)) return find(
        name.slice(kind.length + 1),
      )
      return undefined
    }
    return {
      find,
      async upsert(id, payload, seconds) {
        all.set(key(id), { payload, until: Date.now() + (seconds ?? 3600) * 1000 })
      },
      findByUid: (uid) => findBy((payload) => payload.uid === uid),
      findByUserCode: (code) => findBy((payload) => payload.userCode === code),
      async destroy(id) {
        all.delete(key(id))
      },
      async consume(id) {
        const kept = all.get(key(id))
        if (kept !== undefined) all.set(
          key(id), { ...kept, payload: { ...kept.payload, consumed: Math.floor(Date.now() / 1000) } },
        )
      },
      async revokeByGrantId(grantId) {
        for (const [name, { payload }] of all) if (payload.grantId === grantId) all.delete(name)
      },
    }
  }
}
