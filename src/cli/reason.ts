import { OnboardError } from '../errors.ts'

/** The text of a `--reason`, without blanks around it. Throws usage where nothing is left; `again` is what to type. */
export function given(reason: string, again: string): string {
  const text = reason.trim()
  if (text !== '') return text
  throw new OnboardError(
    'usage', 'reason-missing', '--reason is empty: say why, for whoever reads the journal', { suggestions: [again] },
  )
}
