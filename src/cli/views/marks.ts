import type { Outcome, PlannedAction } from '../../model.ts'
import { cyan, dim, green, magenta, red, yellow, type Styled } from '../style.ts'

/** The sign in front of a planned step. */
export const PLAN_MARKS: Readonly<Record<PlannedAction, Styled>> = {
  create: green('+'),
  update: yellow('~'),
  delete: red('-'),
  none: dim('='),
  run: magenta('!'),
  later: yellow('?'),
  ask: cyan('✎'),
  probe: cyan('◎'),
  wait: cyan('◷'),
  blocked: red('✗'),
  skipped: dim('·'),
  waived: dim('w'),
}

/** The sign in front of a step that had its turn. */
export const OUTCOME_MARKS: Readonly<Record<Outcome, Styled>> = {
  unchanged: dim('='),
  changed: green('✓'),
  waiting: cyan('✎'),
  blocked: yellow('…'),
  skipped: dim('·'),
  waived: dim('w'),
  failed: red('✗'),
  undone: yellow('↺'),
}
