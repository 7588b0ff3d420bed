import { EXIT } from '../errors.ts'
import type { Outcome } from '../model.ts'

/** The exit code that an outcome asks for. */
export function exitOf(outcome: Outcome): number {
  switch (outcome) {
    case 'failed':
      return EXIT.failed
    case 'waiting':
    case 'blocked':
      return EXIT.waiting
    default:
      return EXIT.done
  }
}
