import type { Health } from '../../onboarding/health.ts'
import type { PhaseStatus, StepState } from '../../onboarding/standing.ts'
import { cyan, dim, green, red, yellow, type Piece, type Styled } from '../style.ts'

export const MARKS: Readonly<Record<StepState, Styled>> = {
  done: green('✓'),
  ready: yellow('○'),
  waiting: cyan('✎'),
  blocked: dim('…'),
  skipped: dim('·'),
  waived: dim('w'),
  failed: red('✗'),
  undone: yellow('↺'),
}

export const HEALTH: Readonly<Record<Health, (...pieces: Piece[]) => Styled>> = { green, amber: yellow, red }

export function phaseMark({ state, total }: Pick<PhaseStatus, 'state' | 'total'>): Piece {
  if (total === 0) return dim('·')
  return state === 'done' ? green('●') : state === 'current' ? yellow('◐') : dim('○')
}
