import type { Sql } from '../contract.ts'
import { findTemplates } from '../documents/find.ts'
import { findOnboarding } from '../journal/find.ts'
import { pinnedFiles } from '../journal/onboardings.ts'
import { createReader } from '../journal/reader.ts'
import { namedOnboarding } from './assemble.ts'
import type { Context } from './context.ts'

type Found = NonNullable<Awaited<ReturnType<typeof findOnboarding>>>

/** What commands on documents need of an onboarding: it, its templates, and statements that cannot write. */
export interface Shelf extends Found {
  readonly sql: Sql
  readonly template: ReturnType<typeof findTemplates>
  /** Digest of the template at a path as the onboarding has it; null where it has none. */
  digestOf(path: string): Promise<string | null>
}

/** Looks at the documents of a customer. */
export function shelf<T>(context: Context, customer: string, look: (shelf: Shelf) => Promise<T>): Promise<T> {
  return context.connected('reader', async (client) => {
    const found = await namedOnboarding(client, customer)
    const files = (await pinnedFiles(client, found.runbook.digest))?.files ?? new Map<string, Uint8Array>()
    const template = findTemplates(files)
    const none = { product: undefined as never, exec: () => Promise.reject(new Error('no programs here')) }
    const digestOf = async (path: string): Promise<string | null> => {
      const file = await template(path.replace(/^.*\//, '').replace(/\.[a-z]+$/, '')).catch(() => null)
      return file?.path === path ? file.digest : null
    }
    return look({ ...found, sql: createReader(client, found.onboarding.key, none), template, digestOf })
  })
}
