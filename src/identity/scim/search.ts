/** Searches of all resources at once (RFC 7644 §3.4.3): users come before groups. */
import type { Json, JsonObject } from '../../model.ts'
import { ScimError } from './error.ts'
import type { Wish } from './list.ts'

/** A page of one type's list, for a wish. */
export type Page = (wish: Wish) => Promise<JsonObject>

/**
 * One page over several lists, one after the other. A filter by an attribute that a type does not have matches none of
 * that type; one that no type has is an error of the client.
 */
export async function searchAll(wish: Wish, pages: readonly Page[]): Promise<JsonObject> {
  const found: Json[] = []
  let total = 0
  let wrong: unknown
  let asked = 0
  for (const page of pages) {
    const start = Math.max(wish.start - total, 1)
    const count = Math.max(wish.count - found.length, 0)
    const list = await page({ ...wish, start, count }).catch((error: unknown) => {
      if (!(error instanceof ScimError) || (error.scimType !== 'invalidFilter' && error.scimType !== 'invalidPath'))
        throw error
      wrong = error
      return undefined
    })
    if (list === undefined) continue
    asked++
    total += Number(list['totalResults'])
    found.push(...(list['Resources'] as readonly Json[]))
  }
  if (asked === 0) throw wrong
  return {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'],
    totalResults: total,
    startIndex: wish.start,
    itemsPerPage: found.length,
    Resources: found,
  }
}
