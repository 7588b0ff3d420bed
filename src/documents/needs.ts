import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TemplateFile } from '../contract.ts'
import { fromSource, packageRoot } from '../package.ts'
import type { Template } from './template.ts'

type Needs = Pick<Template, 'required' | 'optional'>

/** In dist/: what the shipped templates need, by their digests, as the build found it. */
export const NEEDS_FILE = 'template-needs.json'

let packed: Readonly<Record<string, Needs>> | undefined

/**
 * Names that a template needs. Of the shipped ones the package knows them: to parse the ten of a runbook takes 25 ms of
 * processor time.
 * @throws OnboardError (invalid) with the line where the template is not in its form
 */
export async function templateNeeds(file: TemplateFile): Promise<Needs> {
  packed ??= fromSource
    ? {}
    : (JSON.parse(readFileSync(join(packageRoot, 'dist', NEEDS_FILE), 'utf8')) as typeof packed)
  const known = packed?.[file.digest]
  if (known !== undefined) return known
  const { compile } = await import('./template.ts')
  const { required, optional } = compile(file)
  return { required, optional }
}
