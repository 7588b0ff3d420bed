import type { Advice } from './advice.ts'

export const undoNowhere: Advice = {
  name: 'undo-nowhere',
  level: 'error',
  finds: 'An onboarding.undo that does not say how far back, in a runbook of which no phase gives production access.',
  instead:
    'Left out, it goes back to before the phase that gives production access (tenant.access). '
    + 'Write with: { to: PHASE }, or only: [PHASE.STEP].',
  check({ draft, say }) {
    const gives = draft.phases.some(
      ({ phase, procedure }) =>
        !procedure && phase.steps.some((step) => step.uses === 'tenant.access' && step.with['production'] !== false),
    )
    if (gives) return
    for (const { phase, step, path } of draft.phases.flatMap(({ steps }) => steps)) {
      if (step.uses !== 'onboarding.undo' || step.with['to'] !== undefined || step.with['only'] !== undefined) continue
      say(
        phase.document, [...path, 'uses'],
        'no phase gives production access, so that it does not know how far back to go: with: { to: PHASE }',
      )
    }
  },
}
