import type { Client } from 'pg'
import type { Reader } from '../contract.ts'

/**
 * The templates that onboardings have pinned, by the digest of their runbook; read when the first of them is asked for.
 */
export function pinnedTemplates(client: Client): (digest: string) => Reader['template'] {
  const read = new Map<string, Promise<ReadonlyMap<string, Uint8Array>>>()
  const filesOf = async (digest: string): Promise<ReadonlyMap<string, Uint8Array>> => {
    const { pinnedFiles } = await import('../journal/onboardings.ts')
    return (await pinnedFiles(client, digest, 'templates/'))?.files ?? new Map()
  }
  return (digest) => async (name) => {
    const { findTemplates } = await import('../documents/find.ts')
    const files = read.get(digest) ?? filesOf(digest)
    read.set(digest, files)
    return findTemplates(await files)(name)
  }
}
