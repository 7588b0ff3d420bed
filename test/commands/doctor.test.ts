/** What doctor says of the product that the config maps. */
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { cli, cliJson } from '../support/cli.ts'
import { environmentOf, testDatabase } from '../support/database.ts'

let cwd: string
let env: Record<string, string>
beforeAll(async () => {
  cwd = mkdtempSync(join(tmpdir(), 'onboard-doctor-'))
  const database = await testDatabase()
  env = environmentOf(database)
  const owner = await database.connect('owner')
  await owner.query(`CREATE TABLE public.organizations (id bigint PRIMARY KEY, display_name text, handle text);
    GRANT ALL ON public.organizations TO onboard_app; GRANT SELECT ON public.organizations TO onboard_reader`)
  await owner.end()
})

/** Examines a workspace whose tenants are mapped so, and gives what is said of the product. */
async function examined(product: string) {
  writeFileSync(join(cwd, 'onboard.config.yaml'), `apiVersion: onboard/v1\nvendor: { name: V }\n${product}\n`)
  const { exit, result } = await cliJson<{ checks: { name: string; state: string; message: string; exit: number }[] }>('doctor', ['doctor'], { cwd, env })
  return { exit, product: result.checks.find(({ name }) => name === 'product') }
}

test('every table and column that is mapped and not there is named, with its place in the config', async () => {
  const { exit, product } = await examined(`product:
  form: mapped
  tenants: { table: organizations, key: ident, columns: { name: display_name, slug: Handle, plan: tier }, defaults: { region: 3 } }
  users: { table: memberships, key: id, columns: { email: login } }`)
  expect([exit, product]).toMatchObject([3, { state: 'fail', exit: 3 }])
  for (const [place, what] of [
    ['product.tenants.key', 'no column ident'], ['product.tenants.columns.slug', 'did you mean handle'], ['product.tenants.columns.plan', 'no column tier'],
    ['product.tenants.defaults', 'no column region'], ['product.users.table', 'no table memberships'],
  ] as const) expect(product?.message).toMatch(new RegExp(`${place}: [^;]*${what}|${place}: [^;]*; ${what}`))
  expect(product?.message).not.toContain('columns.name')
  expect((await cli(['doctor'], { cwd, env })).stdout).toContain('product.tenants.columns.plan')
})

test('a mapping with all its tables and columns is in order, as is the reference product', async () => {
  expect(await examined('product: { form: mapped, tenants: { table: public.organizations, key: id, columns: { name: display_name, slug: handle } } }'))
    .toMatchObject({ exit: 0, product: { state: 'ok', message: 'mapped: public.organizations, with every column' } })
  expect(await examined('product: { form: reference }')).toMatchObject({ exit: 0, product: { state: 'ok' } })
})

test('action show says which inputs are required', async () => {
  const { stdout } = await cli(['action', 'show', 'postgres.row'])
  expect(stdout).toMatch(/^ {2}table +string +required /m)
  expect(stdout).toMatch(/^ {2}set +object +Columns/m)
})
