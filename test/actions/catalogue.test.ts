import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { createCatalogue } from '../../src/actions/catalogue.ts'
import { misfits } from '../../src/runbook/fit.ts'

const folder = mkdtempSync(join(tmpdir(), 'onboard-catalogue-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('the catalogue', () => {
  const catalogue = createCatalogue()

  test('a file is an action, and no index names it', () => {
    const names = catalogue.names()
    expect(names).toEqual(expect.arrayContaining(['assert', 'calendar.invite', 'document.render', 'form', 'mail.send', 'tenant.record']))
    expect(names).toEqual([...new Set(names)].toSorted())
    // What actions share is no action.
    expect(names.filter((name) => /catalogue|(^|\.)_/.test(name))).toEqual([])
  })

  test.each(catalogue.names().map((name) => [name] as const))(
    '%s: title, schemas and an example that fits',
    async (name) => {
      const action = await catalogue.load(name)
      expect(action?.title).toMatch(/^[A-Z].*\.$/)
      expect(action?.input).toMatchObject({ type: 'object', additionalProperties: false })
      expect(action?.output).toMatchObject({ type: 'object' })
      // A text that is one expression has whatever type the expression gives: the checker's tests are about that.
      const found = misfits(action?.example, action?.input ?? {}, (value) =>
        typeof value === 'string' && value.startsWith('${{') ? [] : undefined,
      )
      expect(found).toEqual([])
    },
  )

  test.each([
    ['syntax', 'export default {\n  a: 1 +++ %\n}\n', /syntax\.ts(:\d)?, which is to be the action syntax: /],
    ['throws', "\nthrow new Error('the licence is missing')\n", /throws\.ts:2, which is to be the action throws: the licence is missing$/],
    ['absent', "import './nothing.ts'\n", /which is to be the action absent: Cannot find module/],
    ['none', 'export default 1\n', /does not export one by default/],
  ])('one of a workspace that cannot be loaded is its fault, not ours: %s', async (name, code, said) => {
    const own = join(folder, `broken-${name}`)
    mkdirSync(own)
    writeFileSync(join(own, `${name}.ts`), code)
    await expect(createCatalogue([own]).load(name)).rejects.toMatchObject({ kind: 'invalid', message: expect.stringMatching(said) })
  })

  test('a name that nobody has is undefined', async () => {
    expect(await catalogue.load('tenant')).toBeUndefined()
    expect(await catalogue.load('../engine/apply')).toBeUndefined()
    expect(await catalogue.load('constructor')).toBeUndefined()
  })

  test('schemas are given of those asked for, with what they own', async () => {
    const schemas = await catalogue.schemas(['tenant.record', 'confirm', 'nobody'])
    expect([...schemas.keys()]).toEqual(['confirm', 'tenant.record'])
    expect(schemas.get('tenant.record')?.owns?.({ slug: 'acme' } as never)).toContain('tenant/acme/name')
    expect(schemas.get('confirm')).not.toHaveProperty('owns')
  })

  test("a workspace's own actions come first, and one that is none is named", async () => {
    const action = (title: string) =>
      `export default { kind: 'ask', title: '${title}', example: {}, input: {}, output: {} }`
    mkdirSync(join(folder, 'crm'))
    writeFileSync(join(folder, 'confirm.mjs'), action('Ours.'))
    writeFileSync(join(folder, 'crm', 'note.mjs'), action('A note.'))
    writeFileSync(join(folder, 'broken.mjs'), 'export const nothing = 1')
    const own = createCatalogue([folder])
    expect((await own.load('confirm'))?.title).toBe('Ours.')
    expect((await own.load('crm.note'))?.title).toBe('A note.')
    expect(await own.load('tenant.record')).toBeDefined()
    await expect(own.load('broken')).rejects.toMatchObject({
      kind: 'invalid',
      code: 'not-an-action',
      message: expect.stringContaining('broken.mjs') as string,
    })
  })
})
