import type { Onboarding, StepKey } from '../model.ts'

/** `phase.step`, with `/instance` where the step repeats. */
export function keyText(key: StepKey): string {
  return `${key.phase}.${key.step}${key.instance === '' ? '' : `/${key.instance}`}`
}

/** What the idempotency keys of an onboarding begin with, for good: whatever it is called later. */
export function keyPrefix({ key, idempotency }: Pick<Onboarding, 'key' | 'idempotency'>): string {
  return idempotency ?? key
}

/** Idempotency key of a step: `acme/provision/tenant`. */
export function idempotencyKey(onboarding: Pick<Onboarding, 'key' | 'idempotency'>, key: StepKey): string {
  return [keyPrefix(onboarding), key.phase, key.step, ...(key.instance === '' ? [] : [key.instance])].join('/')
}
