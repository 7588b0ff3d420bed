import { defineAction, type Reader, type Writer } from '../../contract.ts'
import { OnboardError } from '../../errors.ts'
import { tracesOf } from '../../identity/login/traces.ts'
import type { Change } from '../../model.ts'
import { noTenant } from '../../product/missing.ts'
import type { Cell } from '../../product/port.ts'
import { look, moved, NAMED, noConnection, queryOf, type Seen, tables } from './_connection.ts'

interface Looked extends Seen {
  /** settings.enabled of the tenant. */
  readonly sso: Cell | null
  readonly password: Cell | null
  /** Whether a test login succeeded since the connection was last changed. */
  readonly tested: boolean
}

interface EnableChange extends Change {
  readonly slug: string
  readonly tenant: string | null
  readonly id: string | null
  readonly changed: string | null
  /** false: the connection was on already. */
  readonly switched: boolean
  readonly tested: boolean
  readonly exact: string | null
}

const SSO = 'settings.enabled.sso'
const PASSWORD = 'settings.enabled.password'

async function lookAll(read: Reader, slug: string, connection: string): Promise<Looked> {
  const seen = await look(read, slug, connection)
  const { tenants } = read.product
  tenants.needs(['slug', SSO, PASSWORD], 'switching single sign-on on')
  const found = await tenants.find(read, { slug }, { want: { [SSO]: true, [PASSWORD]: true } })
  const tests = seen.row === null ? [] : await tracesOf(queryOf(read), tables(read), { connection: seen.row.id, since: seen.row.changed, purpose: 'test', accepted: true, most: 1 })
  return { ...seen, sso: found?.cells[SSO] ?? null, password: found?.cells[PASSWORD] ?? null, tested: tests.length > 0 }
}

/** Lets people in through a connection, once a test login has succeeded. Taken back, nobody is locked out: passwords are back first. */
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
  owns: ({ tenant, connection }) => [`tenant/${tenant}/sso/${connection ?? 'main'}/enabled`, `tenant/${tenant}/settings/enabled/sso`],

  check: (read, { tenant, connection }) => lookAll(read, tenant, connection),

  plan(input, { tenant, row, sso, tested }): EnableChange | null {
    if (row?.enabled === true && sso?.same === true) return null
    const about = { target: `connection ${input.connection} of tenant ${input.tenant}`, slug: input.tenant, tenant, tested }
    const before = row === null ? null : { enabled: row.enabled, sso: sso?.value ?? null }
    return {
      ...about, id: row?.id ?? null, changed: row?.changed ?? null, switched: row?.enabled !== true, exact: sso?.exact ?? null,
      before, after: { enabled: true, sso: true },
    }
  },

  async apply(write, change) {
    if (change.tenant === null) throw noTenant(change.slug)
    if (change.id === null) throw noConnection(change.target, write.key)
    if (!change.tested) {
      throw new OnboardError('waiting', 'not-tested', `${change.target}: nobody has signed in through it since it was last changed`, {
        suggestions: [`onboard sso test ${write.onboarding.key}`],
      })
    }
    if (change.switched) {
      const rows = await write.run(
        `UPDATE ${tables(write).connections} SET enabled = true WHERE id = $1::uuid AND NOT enabled AND updated_at = $2::timestamptz`,
        [change.id, change.changed],
      )
      if (rows === 0) throw moved(change.target)
    }
    if (change.before?.['sso'] !== true) await write.product.tenants.update(write, change.tenant, { [SSO]: { from: change.exact, to: { value: true } } })
  },

  outputs: (_input, { row }) => ({ enabled: row?.enabled === true }),

  owned: ({ row, sso }) => ({ enabled: row?.enabled ?? null, sso: sso?.value ?? null }),

  async undo(write, change, after) {
    if (after.tenant === null || change.id === null) return
    const opened = await passwordsBack(write, after)
    if (change.switched) {
      await write.run(`UPDATE ${tables(write).connections} SET enabled = false WHERE id = $1::uuid`, [change.id])
      await write.run(
        `UPDATE ${tables(write).sessions} SET ended_at = onboard.now(), ended_why = 'sso-off' WHERE connection_id = $1::uuid AND ended_at IS NULL`,
        [change.id],
      )
    }
    if (change.before?.['sso'] !== true) await write.product.tenants.update(write, after.tenant, { [SSO]: { from: after.sso?.exact ?? null, to: { exact: change.exact } } })
    if (opened) return 'passwords were off, and are let in again: nobody could have signed in any more'
  },
})

/** true: they were off. */
async function passwordsBack(write: Writer, { tenant, password }: Looked): Promise<boolean> {
  if (tenant === null || password === null || password.value !== false) return false
  await write.product.tenants.update(write, tenant, { [PASSWORD]: { from: password.exact, to: { value: true } } })
  return true
}
