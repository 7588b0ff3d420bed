import type { StepKey } from '../model.ts'

/** `phase.step`, with `/instance` where the step repeats. */
export function keyText(key: StepKey): string {
  return `${key.phase}.${key.step}${key.instance === '' ? '' : `/${key.instance}`}`
}

/** Idempotency key of a step: `acme/provision/tenant`. */
export function idempotencyKey(onboarding: string, key: StepKey): string {
  return [onboarding, key.phase, key.step, ...(key.instance === '' ? [] : [key.instance])].join('/')
}
