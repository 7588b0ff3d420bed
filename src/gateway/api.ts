/** /t/:tenant/api/…: who I am, and example resources on which roles can be tried. */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { audit } from '../identity/accounts/events.ts'
import { changeMember, type MemberChange, membersOf } from '../identity/accounts/members.ts'
import { createProject, deleteProject, isUuid, projectOf, projectsOf } from '../identity/accounts/projects.ts'
import { permissionsOf } from '../identity/accounts/roles.ts'
import { preferencesOf, setPreferences } from '../identity/accounts/preferences.ts'
import { ROLES } from '../identity/login/types.ts'
import type { JsonObject } from '../model.ts'
import { mustBeAllowed, protect, sessionOfCall } from './api-session.ts'
import { asked } from './form.ts'
import type { Gateway } from './gateway.ts'
import { Refused } from './refusals.ts'

const named = {
  type: 'object',
  additionalProperties: false,
  required: ['name'],
  properties: { name: { type: 'string', minLength: 1, maxLength: 200 } },
}
const member = {
  type: 'object',
  additionalProperties: false,
  minProperties: 1,
  properties: { role: { enum: [...ROLES] }, active: { type: 'boolean' }, second_factor: { const: 'forgotten' } },
}
const preferences = {
  type: 'object',
  additionalProperties: false,
  properties: {
    time_zone: { type: 'string', minLength: 1, maxLength: 64 },
    locale: { type: 'string', minLength: 2, maxLength: 35 },
  },
}
const WHY = {
  unknown: [404, 'There is no such member.'],
  directory: [409, 'A directory says whether this member is active: change it there.'],
  emergency: [
    409,
    'This account is the way in when the identity provider fails: '
    + 'it stays an active administrator while passwords are off.',
  ],
  'last-admin': [409, 'This is the last active administrator: name another one first.'],
} as const
type Params = FastifyRequest<{ Params: { id: string } }>

export function apiRoutes(app: FastifyInstance, gateway: Gateway): void {
  const { database, tables } = gateway
  const event = (request: FastifyRequest, name: string, detail: JsonObject): Promise<void> => {
    const { tenant, user } = sessionOfCall(request)
    return audit(database.query, tables, { tenant: tenant.id, event: name, user: user.id, ip: request.ip, detail })
  }
  void app.register(
    async (api) => {
      protect(api)
      api.get('/me', async (request) => {
        const { user, tenant, method, created_at } = sessionOfCall(request)
        return {
          ...user,
          permissions: permissionsOf(user.role),
          tenant: { slug: tenant.slug, name: tenant.name, status: tenant.status },
          session: { method, since: created_at },
        }
      })

      api.get('/projects', async (request) => {
        const { tenant } = await mustBeAllowed(gateway, request, 'projects:read')
        const after = asked(request, 'after') || null
        if (after !== null && !isUuid(after))
          throw new Refused(400, 'after: the id of the last project of the page before')
        return { projects: await projectsOf(database.query, tables, tenant.id, after) }
      })
      api.post('/projects', { schema: { body: named } }, async (request, reply) => {
        const { tenant, user } = await mustBeAllowed(gateway, request, 'projects:create')
        const { name } = request.body as { readonly name: string }
        const project = await createProject(database.query, tables, tenant.id, { name, by: user.id })
        await event(request, 'project.created', { project: project?.id ?? null })
        return reply.code(201).header('location', `/t/${tenant.slug}/api/projects/${project?.id}`).send(project)
      })
      api.get('/projects/:id', async (request: Params) => {
        const { tenant } = await mustBeAllowed(gateway, request, 'projects:read')
        const project = await projectOf(database.query, tables, tenant.id, request.params.id)
        if (project === undefined) throw new Refused(404, 'There is no such project.')
        return project
      })
      api.delete('/projects/:id', async (request: Params, reply) => {
        const { tenant } = await mustBeAllowed(gateway, request, 'projects:delete')
        if (!(await deleteProject(database.query, tables, tenant.id, request.params.id)))
          throw new Refused(404, 'There is no such project.')
        await event(request, 'project.deleted', { project: request.params.id })
        return reply.code(204).send()
      })

      api.get('/members', async (request) => {
        const { tenant } = await mustBeAllowed(gateway, request, 'members:read')
        return { members: await membersOf(database.query, tables, tenant.id, asked(request, 'after') || null) }
      })
      api.patch('/members/:id', { schema: { body: member } }, async (request: Params) => {
        const { tenant } = await mustBeAllowed(gateway, request, 'members:manage')
        const { id } = request.params
        const change = request.body as MemberChange
        const done = isUuid(id)
          ? await database.transaction((query) => changeMember(query, tables, tenant.id, id, change))
          : 'unknown'
        if (typeof done === 'string') {
          const [status, sentence] = WHY[done]
          throw new Refused(status, sentence)
        }
        await event(request, 'member.changed', { member: id, ...change })
        return done
      })

      api.get('/settings', async (request) => {
        const { tenant } = await mustBeAllowed(gateway, request, 'settings:read')
        const { idle_s, absolute_s, mfa, networks, password, api_calls_per_15min } = tenant.rules
        return {
          preferences: preferencesOf(tenant),
          session: { idle_minutes: idle_s / 60, absolute_hours: absolute_s / 3600 },
          mfa,
          ip_allowlist: networks,
          password,
          limits: { api_calls_per_15min },
        }
      })
      api.put('/settings/preferences', { schema: { body: preferences } }, async (request) => {
        const { tenant } = await mustBeAllowed(gateway, request, 'settings:write')
        const wanted = request.body as JsonObject
        await setPreferences(database.query, tables, tenant.id, wanted)
        await event(request, 'settings.changed', { preferences: wanted })
        return wanted
      })
    },
    { prefix: '/t/:tenant/api' },
  )
}
