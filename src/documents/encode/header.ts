import { OnboardError } from '../../errors.ts'

// oxlint-disable-next-line no-control-regex
const HIDDEN = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/

/**
 * Text → the value of a mail header, as it is: what would begin a header of its own is refused, never mended.
 * @param what names it in the error: `subject`
 * @throws OnboardError (invalid, `header-injection`)
 */
export function header(text: string, what: string): string {
  if (!HIDDEN.test(text)) return text
  throw new OnboardError(
    'invalid', 'header-injection', `the ${what} holds a line break or control character: ${JSON.stringify(text)}`,
  )
}

/**
 * One mailbox without a name. Quoted local parts and address literals are left out:
 * nobody has them, and they can hide things.
 */
const MAILBOX = /^[\p{L}\p{N}.!#$%&'*+/=?^_{|}~-]{1,64}@(?=.{1,253}$)[\p{L}\p{N}](?:[\p{L}\p{N}.-]*[\p{L}\p{N}])?$/u

/** @throws OnboardError (invalid) where it is not one mail address */
export function mailbox(text: string, what: string): string {
  if (MAILBOX.test(text) && !text.includes('..')) return text
  throw new OnboardError('invalid', 'no-mail-address', `${what}: ${JSON.stringify(text)} is not a mail address`)
}
