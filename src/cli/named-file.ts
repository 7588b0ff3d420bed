import { OnboardError } from '../errors.ts'

/** Throws usage where a flag that takes a new file was given `-`; `instead` is what to type, `why` what to know. */
export function mustNameFile(value: string | undefined, flag: string, why: string, instead: string): void {
  if (value !== '-') return
  throw new OnboardError('usage', 'not-a-file', `--${flag} takes the name of a new file, and - is none: ${why}.`, {
    suggestions: [instead],
  })
}
