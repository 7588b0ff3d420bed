import type { Advice } from './advice.ts'
import { comesBefore } from '../order.ts'
import { momentOf } from './timing.ts'

export const milestoneOrder: Advice = {
  name: 'milestone-order',
  level: 'error',
  inOrder: true,
  finds: 'A milestone that is due before another one whose steps come before its own.',
  instead: 'It could only be kept by being early with the other. Move one of the dates.',
  check({ draft, say }) {
    const phases = new Map(draft.phases.map(({ phase }) => [phase.id, phase]))
    const before = (a: string, b: string): boolean => {
      const [phaseA = '', stepA = ''] = a.split('.')
      const [phaseB = '', stepB = ''] = b.split('.')
      if (phaseA !== phaseB) return comesBefore(phases, phaseA, phaseB)
      return comesBefore(new Map(phases.get(phaseA)?.steps.map((step) => [step.id, step])), stepA, stepB)
    }
    const dated = draft.milestones.flatMap((one) => {
      const moment = momentOf(one.milestone.by)
      return moment === undefined ? [] : [{ ...one, moment }]
    })
    for (const { milestone, path, moment } of dated) {
      const later = dated.find((other) => {
        if (other.moment.base !== moment.base || other.moment.days <= moment.days) return false
        return other.milestone.holds.some((a) => milestone.holds.some((b) => before(a, b)))
      })
      if (later === undefined) continue
      const days = later.moment.days - moment.days
      const early = `${days} business day${days === 1 ? '' : 's'} before '${later.milestone.id}'`
      say(draft.document, [...path, 'by'], `'${milestone.id}' is due ${early}, whose steps come first`)
    }
  },
}
