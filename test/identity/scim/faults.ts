/** A proxy before a SCIM server that brings in one fault at a time, as faulty servers have them. */
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { TOKEN, type Endpoint } from './scimmy.ts'

interface Asked {
  method: string
  path: string
  token: string | undefined
  body: any // oxlint-disable-line typescript/no-explicit-any -- whatever a fault makes of it
}

interface Answered {
  status: number
  headers: Record<string, string>
  body: any // oxlint-disable-line typescript/no-explicit-any -- the same
}

/** What a fault does to a request, or to its answer. An answer given by `before` is not asked of the server. */
export interface Fault {
  before?(asked: Asked): Answered | void
  after?(answered: Answered, asked: Asked): void
}

export interface Proxy {
  readonly url: string
  /** Requests seen. */
  readonly seen: Asked[]
  close(): Promise<void>
}

export async function proxyOf(server: Pick<Endpoint, 'url'>, fault: Fault): Promise<Proxy> {
  const seen: Asked[] = []
  const http = createServer(async (request, response) => {
    const text = await textOf(request)
    const token = request.headers.authorization?.replace(/^Bearer /, '')
    const asked: Asked = { method: request.method ?? '', path: (request.url ?? '').replace(/^\/scim/, ''), token, body: text === '' ? undefined : JSON.parse(text) }
    const conditions = Object.fromEntries(['if-match', 'if-none-match'].flatMap((name) => (typeof request.headers[name] === 'string' ? [[name, request.headers[name]]] : [])))
    seen.push(structuredClone(asked))
    const answered = fault.before?.(asked) ?? (await pass(server.url, asked, conditions))
    fault.after?.(answered, asked)
    response.writeHead(answered.status, answered.headers)
    response.end(answered.body === undefined ? undefined : typeof answered.body === 'string' ? answered.body : JSON.stringify(answered.body))
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}/scim`
  return {
    url, seen,
    close: () => new Promise((resolve) => {
      http.closeAllConnections()
      http.close(() => resolve())
    }),
  }
}

async function pass(base: string, { method, path, token, body }: Asked, conditions: Readonly<Record<string, string>>): Promise<Answered> {
  const headers: Record<string, string> = { ...conditions, accept: 'application/scim+json', 'content-type': 'application/scim+json' }
  if (token !== undefined) headers['authorization'] = `Bearer ${token}`
  const answer = await fetch(base + path, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) })
  const text = await answer.text()
  const passed = ['content-type', 'etag', 'location', 'www-authenticate'].flatMap((name) => (answer.headers.has(name) ? [[name, answer.headers.get(name)]] : []))
  return { status: answer.status, headers: Object.fromEntries(passed), body: text === '' ? undefined : JSON.parse(text) }
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}

const isUser = (path: string) => /^\/Users\/[^/?.]+/.test(path)
const resources = (body: any): any[] => (body?.Resources ?? [body]).filter(Boolean) // oxlint-disable-line typescript/no-explicit-any

/** Each fault with the checks that must find it, in every dialect that has them; and no others. */
export const FAULTS: Readonly<Record<string, { readonly fault: () => Fault; readonly found: readonly string[] }>> = {
  'users without id': {
    fault: () => ({ after: (a, { path }) => { if (path === '/Users') delete a.body?.id } }),
    found: ['create-user'],
  },
  'users without meta': {
    fault: () => ({ after: (a, { path }) => { if (isUser(path)) delete a.body?.meta } }),
    found: ['read-user', 'put-user', 'patch-user', 'patch-new-element', 'patch-flat-keys', 'deactivate', 'reactivate', 'bulk'],
  },
  'a password that is returned': {
    fault: () => ({ after: (a, { path, body }) => { if (path === '/Users' && a.status === 201) a.body.password = body.password ?? 'secret' } }),
    found: ['create-user'],
  },
  'reads that are stale after PUT': {
    fault: () => {
      let old: string | undefined
      return {
        before: ({ method }) => { if (method === 'PATCH') old = undefined },
        after: (a, { method, path }) => {
          if (method === 'PUT') old = 'Onboard Test 1'
          else if (method === 'GET' && isUser(path) && old !== undefined && a.body?.displayName === 'Onboard Test Replaced') a.body.displayName = old
        },
      }
    },
    found: ['put-user'],
  },
  'filters that are refused': {
    fault: () => ({
      before: ({ path }) => {
        if (!/^\/(Users|Groups)\?.*filter=/.test(path)) return
        return { status: 400, headers: { 'content-type': 'application/scim+json' }, body: { schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'], status: '400', scimType: 'invalidFilter', detail: 'no filters here' } }
      },
    }),
    found: ['lookup-nobody', 'filter-user-name', 'filter-external-id', 'filter-work-mail', 'filter-grammar', 'sorting', 'filter-group', 'deactivate'],
  },
  'filters that are not applied': {
    fault: () => ({ before: (asked) => void (asked.path = asked.path.replace(/^(\/Users)\?filter=[^&]*&?/, '$1?')) }),
    found: ['bad-filter', 'filter-user-name', 'filter-external-id', 'filter-work-mail', 'filter-grammar'],
  },
  'pages as HTML': {
    fault: () => ({ after: (a, { path }) => { if (isUser(path)) a.headers['content-type'] = 'text/html' } }),
    found: ['read-user', 'unknown-user', 'no-write-to-id', 'put-user', 'patch-user', 'patch-new-element', 'patch-flat-keys', 'deactivate', 'reactivate', 'bad-path', 'bulk'],
  },
  'numbers as text': {
    fault: () => ({ after: (a, { path }) => { if (path.startsWith('/Users?') && a.body?.totalResults !== undefined) a.body.totalResults = String(a.body.totalResults) } }),
    found: ['lookup-nobody', 'filter-user-name', 'filter-external-id', 'filter-work-mail', 'filter-grammar', 'pages', 'count-zero', 'sorting', 'deactivate'],
  },
  'a deactivation that is ignored': {
    fault: () => ({ after: (a, { path }) => { if (isUser(path) && a.body?.active === false) a.body.active = true } }),
    found: ['deactivate'],
  },
  'deactivated users that are hidden': {
    fault: () => ({
      after: (a, { path }) => {
        if (!path.startsWith('/Users?') || a.body?.Resources === undefined) return
        const shown = a.body.Resources.filter((one: { active: boolean }) => one.active !== false)
        a.body.totalResults -= a.body.Resources.length - shown.length
        a.body.Resources = shown
      },
    }),
    found: ['deactivate'],
  },
  'a removal of one member that removes all': {
    fault: () => ({
      before: ({ body }) => {
        for (const one of body?.Operations ?? []) {
          if (/^remove$/i.test(one.op) && one.path?.startsWith('members')) Object.assign(one, { path: 'members', value: undefined })
        }
      },
    }),
    found: ['remove-member'],
  },
  'members that are always sent': {
    fault: () => ({ before: (asked) => void (asked.path = asked.path.replace(/[?&]excludedAttributes=members/, '')) }),
    found: ['without-members'],
  },
  'a rename that empties the group': {
    fault: () => ({
      after: (a, { path }) => { for (const one of resources(a.body)) if (path.startsWith('/Groups/') && one.displayName?.endsWith(' 2')) one.members = [] },
    }),
    found: ['rename-group'],
  },
  'errors whose status is a number': {
    fault: () => ({ after: (a) => { if (a.status === 404 && a.body?.status !== undefined) a.body.status = 404 } }),
    found: ['unknown-user'],
  },
  'users that are not removed': {
    fault: () => ({ before: ({ method, path }) => (method === 'DELETE' && isUser(path) ? { status: 204, headers: {}, body: undefined } : undefined) }),
    found: ['delete-user'],
  },
  'any token is good enough': {
    fault: () => ({ before: (asked) => { if (asked.token !== undefined) asked.token = TOKEN } }),
    found: ['bad-token'],
  },
  'no token is needed': {
    fault: () => ({ before: (asked) => { asked.token ??= TOKEN } }),
    found: ['no-token'],
  },
  'a count that is ignored': {
    fault: () => ({ before: (asked) => void (asked.path = asked.path.replace(/([?&])count=\d+/, '$1')) }),
    found: ['pages', 'count-zero'],
  },
  'an order that changes': {
    fault: () => {
      let turn = 0
      return { after: (a, { path }) => { if (/startIndex=\d+&count=1$/.test(path) && ++turn === 3 && a.body?.Resources?.[0]) a.body.Resources[0].id = 'another' } }
    },
    found: ['pages'],
  },
  'duplicates that are let in': {
    fault: () => ({ after: (a) => { if (a.status === 409) Object.assign(a, { status: 201, body: { id: '0' } }) } }),
    found: ['duplicate-user'],
  },
  'a new user without a body': {
    fault: () => ({ after: (a, { path }) => { if (path === '/Users' && a.status === 201) a.body = undefined } }),
    found: ['create-user'],
  },
  'groups that are not there': {
    fault: () => ({ before: ({ path }) => (path.startsWith('/Groups') ? { status: 501, headers: {}, body: undefined } : undefined) }),
    found: ['create-group'],
  },
}
