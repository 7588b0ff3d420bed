/** A SCIM server of somebody else: scimmy-routers over Maps, for the tester to act upon. */
import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import SCIMMY from 'scimmy'
import SCIMMYRouters from 'scimmy-routers'

type Kept = Record<string, unknown> & { id: string; meta: { created: Date; lastModified: Date } }
export const TOKEN = 'a-token-of-the-tests'

export interface Endpoint {
  readonly url: string
  /** What it holds: users and groups. */
  readonly kept: ReadonlyMap<string, ReadonlyMap<string, Kept>>
  /** Forgets all that it holds. */
  empty(): void
  close(): Promise<void>
}

export async function scimmyServer(): Promise<Endpoint> {
  const kept = new Map([['User', new Map<string, Kept>()], ['Group', new Map<string, Kept>()]])
  declare('User', SCIMMY.Resources.User, 'userName')
  declare('Group', SCIMMY.Resources.Group, 'displayName')
  const app = express()
  const handler = (request: { header(name: string): string | undefined }) => {
    if (request.header('authorization') !== `Bearer ${TOKEN}`) throw new Error('not the token')
    return 'tester'
  }
  app.use('/scim', new SCIMMYRouters({ type: 'bearer', handler } as never) as never)
  const server = createServer(app)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/scim`, kept,
    empty: () => kept.forEach((all) => all.clear()),
    close: () => new Promise((resolve) => {
      server.closeAllConnections()
      server.close(() => resolve())
    }),
  }

  // oxlint-disable-next-line typescript/no-explicit-any -- the library's types want classes that it makes itself
  function declare(type: string, Resource: any, unique: string): void {
    const all = kept.get(type) as Map<string, Kept>
    const found = (id: string): Kept => all.get(id) ?? fail(404, null, `${type} ${id} not found`)
    SCIMMY.Resources.declare(Resource)
    Resource.ingress((resource: { id?: string }, given: Record<string, unknown>) => {
      const id = resource.id
      const before = id === undefined ? undefined : found(id)
      const name = String(given[unique]).toLowerCase()
      for (const other of all.values()) {
        if (other.id !== id && String(other[unique]).toLowerCase() === name) fail(409, 'uniqueness', `${unique} is taken`)
      }
      const now = new Date()
      const value = { ...JSON.parse(JSON.stringify(given)), id: id ?? randomUUID(), meta: { created: before?.meta.created ?? now, lastModified: now } } as Kept
      delete value['password']
      all.set(value.id, value)
      return value
    })
    Resource.egress((resource: { id?: string; filter?: { match(all: Kept[]): Kept[] } }) => {
      if (resource.id !== undefined) return found(resource.id)
      return resource.filter?.match([...all.values()]) ?? [...all.values()]
    })
    Resource.degress((resource: { id: string }) => {
      found(resource.id)
      all.delete(resource.id)
    })
  }
}

function fail(status: number, type: string | null, message: string): never {
  throw new SCIMMY.Types.Error(status, type as never, message)
}
