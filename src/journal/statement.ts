import { OnboardError } from '../errors.ts'

const FIRST = /^(?:\s|--[^\n]*\n|\/\*[^]*?\*\/)*([a-z]+)/i
const CONTROL: readonly string[] = [
  'begin', 'start', 'commit', 'end', 'rollback', 'abort', 'savepoint', 'release', 'prepare',
]
const ROWS: readonly string[] = ['insert', 'update', 'delete', 'merge', 'select', 'with', 'values', 'table']

/**
 * How far an effect's statement reaches: to rows, or to what is set for the rest of its transaction, which other
 * effects may share. Throws where it would end the transaction or go back in it: that is the engine's alone.
 */
export function reachOf(sql: string): 'rows' | 'transaction' {
  const word = FIRST.exec(sql)?.[1]?.toLowerCase() ?? ''
  if (CONTROL.includes(word)) {
    throw new OnboardError(
      'failed', 'transaction-control',
      `${word.toUpperCase()}: an effect's transaction is begun and ended by the engine`,
    )
  }
  return ROWS.includes(word) ? 'rows' : 'transaction'
}
