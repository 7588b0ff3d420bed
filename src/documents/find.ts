/** Templates by name: those pinned with an onboarding, before those shipped. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TemplateFile } from '../contract.ts'
import { OnboardError } from '../errors.ts'
import { packageRoot } from '../package.ts'
import { TEMPLATE_ENDINGS, templateFile } from './file.ts'

const NAME = /^[a-z0-9]+(?:-[a-z0-9]+)*$/

/** Paths of the shipped templates: `templates/check-in.md`. */
export function shippedTemplates(): readonly string[] {
  return readdirSync(join(packageRoot, 'templates')).filter(isTemplate).toSorted().map((file) => `templates/${file}`)
}

/** Names of all templates, those of `files` and those shipped. */
export function templateNames(files: ReadonlyMap<string, Uint8Array>): readonly string[] {
  const own = [...files.keys()].filter((path) => path.startsWith('templates/') && isTemplate(path))
  return [...new Set([...own, ...shippedTemplates()].map(nameOf))].toSorted()
}

/**
 * Finds templates by name among `files` (paths from the workspace on), then among those shipped.
 * @throws OnboardError (invalid) where there is none
 */
export function findTemplates(files: ReadonlyMap<string, Uint8Array>): (name: string) => Promise<TemplateFile> {
  return async (name) => {
    if (NAME.test(name)) {
      for (const ending of TEMPLATE_ENDINGS) {
        const path = `templates/${name}.${ending}`
        const bytes = files.get(path)
        if (bytes !== undefined) return templateFile(path, bytes)
      }
      const path = shippedTemplates().find((one) => nameOf(one) === name)
      if (path !== undefined) return templateFile(path, readFileSync(join(packageRoot, path)))
    }
    throw new OnboardError(
      'invalid', 'unknown-template', `there is no template ${JSON.stringify(name)}`,
      { suggestions: ['onboard document templates'] },
    )
  }
}

function isTemplate(path: string): boolean {
  const file = path.replace(/^.*\//, '')
  const ending = TEMPLATE_ENDINGS.find((one) => file.endsWith(`.${one}`))
  return ending !== undefined && NAME.test(file.slice(0, -ending.length - 1))
}

function nameOf(path: string): string {
  return path.replace(/^.*\//, '').replace(/\.[a-z]+$/, '')
}
