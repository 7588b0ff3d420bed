/** Rotating and revoking the SCIM tokens that a step of an onboarding has issued. */
import { type Meant, revoke } from '../actions/scim/_rotation.ts'
import { rotate, type Seen } from '../actions/scim/token.ts'
import { reissue, type SecretChange } from '../engine/reissue.ts'
import type { Head, Work } from '../engine/ports.ts'
import { OnboardError } from '../errors.ts'
import type { StepKey } from '../model.ts'

const ACTION = 'scim.token'

export interface TokensChanged {
  readonly onboarding: string
  readonly outcome: 'rotated' | 'revoked' | 'unchanged'
  /** Null where nothing was changed. */
  readonly head: Head | null
}

interface Input {
  readonly tenant: string
  readonly expires_days: number
}

/** The step that issues the token. Throws waiting where the runbook has none. */
export function tokenStep({ runbook, onboarding }: Work): StepKey {
  for (const phase of runbook.phases) {
    const step = phase.steps.find((one) => one.uses === ACTION)
    if (step !== undefined) return { phase: phase.id, step: step.id, instance: '' }
  }
  throw new OnboardError(
    'waiting',
    'no-token-step',
    `no step of ${onboarding.key}'s runbook issues a SCIM token (${ACTION})`,
    {
      suggestions: [`onboard upgrade ${onboarding.key}`],
    },
  )
}

/** Issues a second token; those that are live end after the overlap. */
export function rotateToken(work: Work, days: number | undefined, overlap_days: number): Promise<TokensChanged> {
  return changed(work, {
    did: 'rotated',
    issues: true,
    async apply(write, input: Input, seen) {
      await rotate(write, input.tenant, seen, days ?? input.expires_days, overlap_days)
      return true
    },
  })
}

/** Ends tokens at once. */
export function revokeTokens(work: Work, meant: Meant): Promise<TokensChanged> {
  return changed(work, {
    did: 'revoked',
    issues: false,
    apply: (write, _input, { live }) => revoke(write, live, meant, work.onboarding.key),
  })
}

async function changed(
  work: Work,
  change: SecretChange<Seen> & { readonly did: 'rotated' | 'revoked' },
): Promise<TokensChanged> {
  const done = await reissue(work, tokenStep(work), change)
  return {
    onboarding: work.onboarding.key,
    outcome: done === null ? 'unchanged' : change.did,
    head: done?.head ?? null,
  }
}
