import { OnboardError } from '../errors.ts'
import type { Io, Output } from './output.ts'

interface Severe {
  readonly io: Io
  readonly output: Output
  readonly interactive: boolean
  /** `--confirm` as typed. */
  readonly given: string | undefined
  /** The customer, whose name must be typed. */
  readonly key: string
  /** The command without --confirm. */
  readonly retype: string
  /** `This undoes what was applied` */
  readonly what: string
  /** `undo this` */
  readonly verb: string
  /** What will be done, shown before a person is asked. */
  show(out: Output): void
}

/**
 * Returns where a severe action was confirmed by the customer's name: by flag, or typed at a prompt.
 * Throws usage where it was not and nobody can be asked, interrupted where the person said no.
 */
export async function confirmed(
  { io, output, interactive, given, key, retype, what, verb, show }: Severe,
): Promise<void> {
  if (given === key) return
  if (given === undefined && interactive) {
    show(output)
    const { typed } = await import('./question.ts')
    if (await typed(`Type ${key} to ${verb}:`, key, io)) return
    throw new OnboardError('interrupted', 'declined', 'Not done; nothing was changed.')
  }
  const said = given === undefined ? what : `--confirm ${given} names another customer. ${what}`
  throw new OnboardError('usage', 'not-confirmed', `${said}: confirm it by its name.`, {
    suggestions: [`${retype} --dry-run`, `${retype} --confirm ${key}`],
  })
}
