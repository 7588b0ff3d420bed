/** Writes what of schemas/ follows from the actions. Run by `npm run schemas`. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createCatalogue } from '../actions/catalogue.ts'
import type { Schema } from '../model.ts'
import { packageRoot } from '../package.ts'
import { editorSchema, laidOut } from '../runbook/editor-schema.ts'

const file = join(packageRoot, 'schemas', 'phase.schema.json')
const format = JSON.parse(readFileSync(file, 'utf8')) as Schema
writeFileSync(file, `${laidOut(editorSchema(format, await createCatalogue().schemas()))}\n`)
