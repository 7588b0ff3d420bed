import type { Json } from '../../model.ts'
import type { Impact, RunbookChange } from '../../runbook/diff.ts'
import type { Output } from '../output.ts'
import { bold, dim, green, red, yellow, type Piece } from '../style.ts'

const MARKS: Readonly<Record<RunbookChange['what'], Piece>> = {
  added: green('+'), removed: red('-'), changed: yellow('~'), renamed: yellow('→'),
}

const IMPACTS: Readonly<Record<Impact, string>> = {
  again: 'looked at again: what differs is planned and applied',
  void: 'sign-offs are void where what was asked reads otherwise now',
  new: 'more to do, also where its phase was done already',
  gone: 'what it did stays, and nothing looks after it any more',
  order: 'its turn may come at another moment, or not at all',
  none: '',
}

/** Each change with its fields, and what it means for onboardings under way. */
export function showRunbookDiff(changes: readonly RunbookChange[], out: Output): void {
  for (const { of, id, what, was, fields, impact } of changes) {
    out.line(
      MARKS[what], ' ', of === 'step' ? '' : `${of} `, bold(id), was === null ? '' : ` (was ${was})`,
      dim(IMPACTS[impact] === '' ? '' : `  ${IMPACTS[impact]}`),
    )
    out.table(fields.map(({ field, before, after }) => [field, `${text(before)} → ${text(after)}`]), { indent: 4 })
  }
}

function text(value: Json): string {
  return value === null ? '(none)' : typeof value === 'string' ? value : JSON.stringify(value)
}
