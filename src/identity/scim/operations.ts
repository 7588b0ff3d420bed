/** What a PATCH is asked to do (RFC 7644 §3.5.2). */
import { isObject, type Json } from '../../model.ts'
import { ScimError } from './error.ts'

export interface Operation {
  readonly op: 'add' | 'remove' | 'replace'
  readonly path: string | null
  readonly value: Json | undefined
}

const MOST_OPERATIONS = 1_000
const PATCH_OP = 'urn:ietf:params:scim:api:messages:2.0:PatchOp'

/** The operations of a PATCH body (RFC 7644 §3.5.2); `op` in any case, as Entra ID sends it. Throws ScimError 400. */
export function operationsOf(body: Json): readonly Operation[] {
  const wrong = (why: string) => new ScimError(400, 'invalidSyntax', why)
  if (!isObject(body)) throw wrong('the body is no JSON object')
  const entry = (name: string) => Object.entries(body).find(([own]) => own.toLowerCase() === name)?.[1]
  const schemas = entry('schemas')
  if (!Array.isArray(schemas) || !schemas.includes(PATCH_OP)) throw wrong(`schemas does not name ${PATCH_OP}`)
  const operations = entry('operations')
  if (!Array.isArray(operations) || operations.length === 0) throw wrong('Operations is no list of operations')
  if (operations.length > MOST_OPERATIONS)
    throw new ScimError(413, 'tooMany', `there are more than ${MOST_OPERATIONS} operations`)
  return operations.map((one: Json) => {
    if (!isObject(one)) throw wrong('an operation is no object')
    const op = typeof one['op'] === 'string' ? one['op'].toLowerCase() : ''
    if (op !== 'add' && op !== 'remove' && op !== 'replace')
      throw wrong(`op is ${JSON.stringify(one['op'] ?? null)}, not add, remove or replace`)
    const path = one['path'] ?? null
    if (path !== null && typeof path !== 'string') throw new ScimError(400, 'invalidPath', 'path is no text')
    if (op === 'remove' && path === null) throw new ScimError(400, 'noTarget', 'remove needs a path')
    if (op !== 'remove' && one['value'] === undefined) throw new ScimError(400, 'invalidValue', `${op} needs a value`)
    return { op, path: path === '' ? null : path, value: one['value'] }
  })
}
