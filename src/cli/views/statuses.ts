import type { Summary } from '../../onboarding/summary.ts'
import { dim, bold, cyan, green, red, yellow, type Piece } from '../style.ts'
import type { Output } from '../output.ts'
import { HEALTH } from './status-marks.ts'

export function showStatuses(onboardings: readonly Summary[], out: Output): void {
  if (onboardings.length === 0) return out.line(dim('No onboardings yet.'))
  const looks = { done: green, cancelled: dim, failed: red, waiting: cyan, ready: yellow, blocked: dim }
  out.table([
    ['CUSTOMER', 'COMPANY', 'PHASE', 'DONE', 'GO-LIVE', 'FORECAST', 'HEALTH', 'WAITS FOR'],
    ...onboardings.map((one): Piece[] => [
      bold(one.onboarding), one.company, one.phase ?? '–', `${one.done}/${one.total}`, one.go_live ?? '–',
      one.forecast === one.go_live ? dim('=') : (one.forecast ?? '–'),
      HEALTH[one.health](one.health), one.state === 'waiting' ? cyan(one.waits ?? '') : looks[one.state](one.state),
    ]),
  ], { head: true })
}
