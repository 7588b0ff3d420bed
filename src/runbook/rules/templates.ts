import { meant, type Rule } from '../draft.ts'

/**
 * template-data: a document could not be written. What an expression gives is not known here;
 * names that stand in `data` are.
 */
export const templates: Rule = ({ phases, findings, templates: known, templateNames }) => {
  if (known === undefined) return
  for (const { steps, document } of phases) {
    for (const { step, path } of steps) {
      const { template, data } = step.with
      if (step.uses !== 'document.render' || typeof template !== 'string' || template.includes('${{')) continue
      const at = [...path, 'with', 'template']
      const needs = known.get(template)
      if (needs === undefined) {
        const near = meant(template, templateNames) || ': onboard document templates lists them'
        findings.say(document, at, 'template-data', `there is no template '${template}'${near}`)
      } else if ('message' in needs) {
        findings.at({ file: needs.file, line: needs.line, col: 1 }, 'template-data', needs.message)
      } else if (data !== null && typeof data === 'object' && !Array.isArray(data)) {
        const missing = needs.required.filter((name) => !Object.hasOwn(data, name))
        if (missing.length > 0) {
          findings.say(document, at, 'template-data', `the template ${template} needs ${missing.join(', ')} in data`)
        }
        for (const name of Object.keys(data)) {
          if (needs.required.includes(name) || needs.optional.includes(name)) continue
          const near = meant(name, [...missing, ...needs.optional])
          findings.say(
            document, [...path, 'with', 'data', name], 'template-data',
            `the template ${template} has no use for ${name}${near}`, 'key',
          )
        }
      }
    }
  }
}
