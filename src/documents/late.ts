import type { TemplateFile } from '../contract.ts'
import type { JsonObject } from '../model.ts'
import type { Template } from './template.ts'

/** A template, with what renders it loaded only now: a status that only names an action needs none. */
export async function compiled(file: TemplateFile): Promise<Template> {
  return (await import('./template.ts')).compile(file)
}

/** Renders and throws the result away: what is missing is said before anything is written. */
export async function tried(file: TemplateFile, data: JsonObject): Promise<void> {
  const { compile, TRIED } = await import('./template.ts')
  compile(file).render(data, TRIED)
}
