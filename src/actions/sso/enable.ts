import { defineAction, type Reader, type Writer } from '../../contract.ts'
import { OnboardError } from '../../errors.ts'
import type { Tables } from '../../identity/sql.ts'
import type { Change } from '../../model.ts'
import { noTenant } from '../../product/missing.ts'
import type { Cell } from '../../product/port.ts'
import { look, moved, NAMED, noConnection, tables } from './_connection.ts'

interface Looked {
  readonly tenant: string | null
  readonly row: { readonly id: string; readonly enabled: boolean } | null
  /** settings.enabled of the tenant. */
  readonly sso: Cell | null
  readonly password: Cell | null
}

interface EnableChange extends Change {
  readonly slug: string
  readonly tenant: string | null
  readonly id: string | null
  /** false: the connection was on already. */
  readonly switched: boolean
  readonly exact: string | null
}

const SSO = 'settings.enabled.sso'
const PASSWORD = 'settings.enabled.password'

async function lookAll(read: Reader, slug: string, connection: string): Promise<Looked> {
  const { tenant, row } = await look(read, slug, connection)
  const { tenants } = read.product
  tenants.needs(['slug', SSO, PASSWORD], 'switching single sign-on on')
  const found = await tenants.find(read, { slug }, { want: { [SSO]: true, [PASSWORD]: true } })
  return {
    tenant,
    row: row && { id: row.id, enabled: row.enabled },
    sso: found?.cells[SSO] ?? null,
    password: found?.cells[PASSWORD] ?? null,
  }
}

/** A test login that succeeded since the connection was last changed. */
const TESTED = ({ traces }: Tables): string =>
  `EXISTS (SELECT 1 FROM ${traces} t
            WHERE t.connection_id = c.id AND t.purpose = 'test' AND t.accepted AND t.at >= c.updated_at)`

/**
 * Lets people in through a connection, once a test login has succeeded. Taken back, nobody is locked out:
 * passwords are back first.
 */
export default defineAction({
  title: 'Switches a connection on, after a test login that succeeded; taken back, passwords are let in first.',
  example: { tenant: 'acme' },
  input: { type: 'object', additionalProperties: false, required: ['tenant'], properties: { ...NAMED } },
  output: {
    type: 'object',
    additionalProperties: false,
    required: ['enabled'],
    properties: { enabled: { type: 'boolean' } },
  },
  where: 'database',
  owns: ({ tenant, connection }) => [
    `tenant/${tenant}/sso/${connection ?? 'main'}/enabled`, `tenant/${tenant}/settings/enabled/sso`,
  ],

  check: (read, { tenant, connection }) => lookAll(read, tenant, connection),

  plan(input, { tenant, row, sso }): EnableChange | null {
    if (row?.enabled === true && sso?.same === true) return null
    const about = { target: `connection ${input.connection} of tenant ${input.tenant}`, slug: input.tenant, tenant }
    const before = row === null ? null : { enabled: row.enabled, sso: sso?.value ?? null }
    return {
      ...about, id: row?.id ?? null, switched: row?.enabled !== true, exact: sso?.exact ?? null,
      before, after: { enabled: true, sso: true },
    }
  },

  async apply(write, change) {
    if (change.tenant === null) throw noTenant(change.slug, write.onboarding.key)
    if (change.id === null) throw noConnection(change.target, write.key)
    if (change.switched) await switchOn(write, change.target, change.id)
    if (change.before?.['sso'] !== true) await write.product.tenants.update(
      write, change.tenant, { [SSO]: { from: change.exact, to: { value: true } } },
    )
  },

  outputs: (_input, { row }) => ({ enabled: row?.enabled === true }),

  owned: ({ row, sso }) => ({ enabled: row?.enabled ?? null, sso: sso?.value ?? null }),

  async undo(write, change, after) {
    if (after.tenant === null || change.id === null) return
    const opened = await passwordsBack(write, after)
    if (change.switched) {
      // As if it had been changed: it comes on again only once it was tried again.
      await write.run(
        `UPDATE ${tables(write).connections} SET enabled = false, updated_at = onboard.now() WHERE id = $1::uuid`,
        [change.id],
      )
      await write.run(
        `UPDATE ${tables(write).sessions} SET ended_at = onboard.now(), ended_why = 'sso-off'
          WHERE connection_id = $1::uuid AND ended_at IS NULL`,
        [change.id],
      )
    }
    if (change.before?.['sso'] !== true) await write.product.tenants.update(
      write, after.tenant, { [SSO]: { from: after.sso?.exact ?? null, to: { exact: change.exact } } },
    )
    if (opened) return 'passwords were off, and are let in again: nobody could have signed in any more'
  },
})

/** In one statement, so that no change of the connection comes between its test and its switch. */
async function switchOn(write: Writer, target: string, id: string): Promise<void> {
  const all = tables(write)
  const switched = await write.run(
    `UPDATE ${all.connections} c SET enabled = true WHERE c.id = $1::uuid AND NOT c.enabled AND ${TESTED(all)}`, [id],
  )
  if (switched === 1) return
  const row = await write.one<{ enabled: boolean; tested: boolean }>(
    `SELECT c.enabled, ${TESTED(all)} AS tested FROM ${all.connections} c WHERE c.id = $1::uuid`, [id],
  )
  if (row === undefined || row.enabled || row.tested) throw moved(target)
  throw new OnboardError(
    'waiting', 'not-tested', `${target}: nobody has signed in through it since it was last changed`,
    { suggestions: [`onboard sso test ${write.onboarding.key}`] },
  )
}

/** true: they were off. */
async function passwordsBack(write: Writer, { tenant, password }: Looked): Promise<boolean> {
  if (tenant === null || password === null || password.value !== false) return false
  await write.product.tenants.update(write, tenant, { [PASSWORD]: { from: password.exact, to: { value: true } } })
  return true
}
