import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { _ } from 'ajv'
import standalone from 'ajv/dist/standalone/index.js'
import { createAjv, withoutId } from '../input/schema.ts'
import type { Schema } from '../model.ts'
import { bareFormat } from '../runbook/editor-schema.ts'

/** Schemas by which every runbook and every handoff is read. */
const NAMES = ['runbook', 'phase', 'handoff', 'discovery']

/** What src/input/ready.ts is in the package: the code that Ajv makes of these schemas, with the same settings. */
export function validators(root: string): string {
  const ajv = createAjv({ source: true, esm: true, formats: _`FORMATS` })
  const schemas = NAMES.map((name) => {
    const schema = JSON.parse(readFileSync(join(root, 'schemas', `${name}.schema.json`), 'utf8')) as Schema
    return withoutId(name === 'phase' ? bareFormat(schema) : schema)
  })
  const keys = schemas.map((_schema, i) => `v${i}`)
  schemas.forEach((schema, i) => ajv.addSchema(schema, keys[i]))
  const libraries = new Map<string, string>()
  const made = standalone.default(ajv, Object.fromEntries(keys.map((key) => [key, key])))
    .replace(/require\("(ajv\/dist\/runtime\/\w+)"\)/g, (_all: string, path: string) => {
      if (!libraries.has(path)) libraries.set(path, `library${libraries.size}`)
      return libraries.get(path) ?? ''
    })
  const ready = keys.map((key, i) => `[${JSON.stringify(JSON.stringify(schemas[i]))}, ${key}]`)
  const imports = [...libraries].map(([path, name]) => `import ${name} from '${path}.js'\n`)
  return `${imports.join('')}import { CHECKS as FORMATS } from './formats.ts'
${made.replace('"use strict";', '')}
export const READY = new Map([${ready.join(', ')}])
`
}
