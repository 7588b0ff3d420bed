import type { Work } from '../engine/ports.ts'
import { keyText } from '../engine/keys.ts'
import type { Config } from '../onboarding/config.ts'
import { reportOf, type Watched } from '../onboarding/watch.ts'
import { signerOf } from './signer.ts'

const WATCHED = 'go_live.watched'

/**
 * Who signs, once it was watched, the step that waits for it; without such a step nobody does.
 * @returns what signs, and says which command comes next
 */
export async function firstHour(
  work: Work, config: Config, signer: string | undefined, customer: string,
): Promise<(watched: Watched) => Promise<string>> {
  const { status } = await import('../onboarding/status.ts')
  const steps = new Set(work.runbook.phases.flatMap(
    (phase) => phase.steps.filter(({ uses }) => uses === WATCHED).map(({ id }) => `${phase.id}.${id}`),
  ))
  const asked = (await status(work)).waiting.find(
    ({ step, for: roles }) => roles.length > 0 && steps.has(`${step.phase}.${step.step}`),
  )
  if (asked === undefined) return async () => `onboard status ${customer}`
  const step = keyText(asked.step)
  const { person, roles } = signerOf({
    signer, actor: work.actor, config, handoff: work.inputs.handoff, customer,
    retype: asked.next ?? `onboard go-live watch ${customer}`,
  })
  const { askedOf, sign } = await import('../onboarding/sign.ts')
  await askedOf(work, step, person, roles)
  return async (watched) => {
    const bytes = new TextEncoder().encode(reportOf(watched))
    await sign(work, { step, signer: person, roles, note: null, evidence: [{ name: 'first-hour.md', bytes }] })
    return `onboard go-live ${customer}`
  }
}
