import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv } from 'ajv'
import { expect, test } from 'vitest'
import { createCatalogue } from '../../src/actions/catalogue.ts'
import { parseOnly } from '../../src/input/document.ts'
import { packageRoot } from '../../src/package.ts'

// At run time schemas are compiled without being checked themselves: this is where they are.
const ajv = new Ajv({ strict: false })
const wrong = (schema: object): unknown => (ajv.validateSchema(schema) === true ? null : ajv.errors)

const folder = join(packageRoot, 'schemas')
for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((one) => one.endsWith('.json'))) {
  test(`${name} is a schema of draft-07`, () => {
    const bytes = readFileSync(join(folder, name))
    const schema = JSON.parse(bytes.toString()) as { $schema?: string }
    expect(schema.$schema).toBe('http://json-schema.org/draft-07/schema#')
    // No duplicate key, no hidden character: a runbook that names it is spared that look.
    expect(parseOnly(bytes, { file: name }).diagnostics).toEqual([])
    expect(wrong(schema)).toBeNull()
  })
}

test('what actions take and give are schemas of draft-07', async () => {
  for (const [name, { input, output }] of await createCatalogue().schemas()) {
    expect([name, wrong(input), wrong(output)]).toEqual([name, null, null])
  }
})
