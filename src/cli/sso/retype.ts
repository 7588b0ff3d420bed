/** What to type next, where what was given of an identity provider will not do. */
import { OnboardError } from '../../errors.ts'
import { quote } from '../invocation.ts'
import type { Given } from './read-details.ts'

const OURS = new Set(['bug', 'conflict', 'failed', 'interrupted'])

/** The error with a line that can be typed; one that has such a line, or is about a file, as it is. */
export function retyped(error: unknown, customer: string, given: Given): unknown {
  if (!(error instanceof OnboardError) || error.file !== undefined || OURS.has(error.kind)) return error
  const isSeveral = error.code === 'metadata-several'
  if (error.suggestions.length > 0 && !isSeveral) return error
  const { metadata = 'FILE' } = given
  const entityOf = (flag: string): string => quote(flag.replace('--entity-id ', ''))
  // What stands in somebody else's metadata is one word, whatever is in it.
  const rest = isSeveral
    ? error.suggestions.map((one) => `--metadata ${quote(metadata)} --entity-id ${entityOf(one)}`)
    : [again(error, given)]
  const { kind, code, message, cause, at, diagnostics } = error
  return new OnboardError(kind, code, message, {
    suggestions: rest.map((one) => `onboard sso ${customer} ${one}`), cause, diagnostics,
    ...(at === undefined ? {} : { at }),
  })
}

function again({ code, at }: OnboardError, { metadata, mapping, sample, issuer, clockSkew }: Given): string {
  if (code === 'bad-skew' && clockSkew !== undefined) return '--clock-skew 2m'
  const beside = metadata === undefined ? '' : `--metadata ${quote(metadata)} `
  if (at?.file !== undefined && at.file === mapping) return `${beside}--mapping FILE`
  const isOfSample = at?.file === sample || code === 'no-email' || code === 'no-address'
  if (sample !== undefined && isOfSample) return `${beside}--sample FILE`
  if (issuer !== undefined || metadata === undefined) return '--issuer URL --client-id ID --client-secret-file FILE'
  return '--metadata FILE'
}
