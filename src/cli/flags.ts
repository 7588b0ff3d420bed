import * as Flags from '@oclif/core/flags'
import { FORMATS } from './views/results.ts'

/** `--phase`, `--step`: a part of the runbook. */
export const extent = {
  phase: Flags.string({ description: 'Only this phase.', helpValue: 'PHASE' }),
  step: Flags.string({ description: 'Only this step: phase.step, or step where it is unique.', helpValue: 'STEP' }),
}

/** `--secrets-out`: where new secrets go. */
export const secretsOut = Flags.string({
  description: 'Write new secrets to this new file (0600, JSON lines) in place of showing them.', helpValue: 'FILE',
})

/** `--format`: how CI servers read results. */
export const format = Flags.option({
  options: FORMATS, description: 'Print the result for a CI server.', exclusive: ['json'],
})()

/** `--fail-on warn`: a warning of a probe counts as a failure. */
export const failOn = Flags.option({ options: ['warn'] as const, description: 'Exit 6 where a probe warns.' })()

/** `--signer`: whose decision it is. */
export const signer = Flags.string({
  description: 'Whose decision it is: a mail address of the roles in onboard.config.yaml; yours, where it is left out.',
  helpValue: 'MAIL',
})
