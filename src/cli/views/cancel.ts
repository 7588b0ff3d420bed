import { keyText } from '../../engine/keys.ts'
import type { CancelResult } from '../../onboarding/cancel.ts'
import type { Output } from '../output.ts'
import { bold, dim, green, red, yellow } from '../style.ts'

const SAID: Readonly<Record<CancelResult['outcome'], string>> = {
  cancelled: 'is cancelled: nothing is done for it any more; what it made stays',
  purged: 'is purged: what it made was taken back',
  withdrawn: 'goes on: it is not cancelled any more',
  erased: 'was purged before; what the journal kept of persons is erased now',
  failed: 'is cancelled, and not all that it made could be taken back',
  unchanged: 'is so already',
}

export function showCancel(result: CancelResult, out: Output): void {
  const { onboarding, outcome, reason, undone, left, erased } = result
  if (result.export !== null) {
    out.line(
      result.export.outcome === 'unchanged' ? dim('=') : green('✓'), ` exported to ${result.export.folder}`,
      dim(`  ${result.export.files} files, manifest ${result.export.digest.slice(0, 12)}`),
    )
  }
  for (const { key, title, outcome: became, reason: why } of undone) {
    const mark = became === 'undone' ? yellow('↺') : became === 'failed' ? red('✗') : dim('=')
    out.line(
      '  ', mark, ` ${keyText(key)}  `, title,
      dim(why === null ? '' : `  ${why}`),
    )
  }
  if (left.length > 0) out.line(bold('Stays'))
  for (const { step, why } of left) out.line('  ', step, dim(`  ${why}`))
  if (erased !== null && erased > 0) {
    out.line(green('✓'), ` ${erased} values of persons erased; the chain holds their digests alone`)
  }
  const mark = outcome === 'failed' ? red('✗') : outcome === 'unchanged' ? dim('=') : green('✓')
  out.line(mark, ' ', bold(onboarding), ` ${SAID[outcome]}`, dim(reason === null ? '' : `  ${reason}`))
}
