import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Schema } from '../model.ts'
import { packageRoot } from '../package.ts'

const read = new Map<string, Schema>()

/** A schema that is shipped with onboard, by name: handoff, discovery, config, runbook, phase. Read once. */
export function shippedSchema(name: string): Schema {
  let schema = read.get(name)
  if (schema === undefined) {
    schema = JSON.parse(readFileSync(join(packageRoot, 'schemas', `${name}.schema.json`), 'utf8')) as Schema
    read.set(name, schema)
  }
  return schema
}
