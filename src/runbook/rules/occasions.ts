import type { Rule } from '../draft.ts'

/** occasion: a step with `on` needs a day from which its phase counts, repeats by nothing else, and on no day twice. */
export const occasions: Rule = ({ phases, findings }) => {
  for (const { phase, steps, document } of phases) {
    for (const { step, path } of steps) {
      if (step.on === undefined) continue
      if (step.for_each !== null) {
        findings.say(document, [...path, 'on'], 'occasion', 'a step repeats by on or by for_each, not by both', 'key')
      }
      step.on.forEach(({ key, day }, i) => {
        const before = step.on?.slice(0, i).find((one) => one.day === day && one.key !== key)
        if (before === undefined) return
        const [one, other] = [key.replace('-', ' '), before.key.replace('-', ' ')]
        const message = `${one} is the same day as ${other}: a week is its first day`
        findings.say(document, [...path, 'on', i], 'occasion', message)
      })
      if (phase.starts?.at !== undefined) continue
      const message = `nobody knows which day is day 1: phase '${phase.id}' needs starts: { at: … }, `
        + 'such as handoff.dates.go_live'
      findings.say(document, [...path, 'on'], 'occasion', message, 'key')
    }
  }
}
