import * as Flags from '@oclif/core/flags'
import { OnboardError } from '../../src/errors.ts'
import { OnboardCommand, type Done } from '../../src/cli/base.ts'
import type { Output } from '../../src/cli/output.ts'
import { bold, dim } from '../../src/cli/style.ts'

interface Clock {
  /** ISO 8601. */
  readonly now: string
  readonly simulated: boolean
}

/** The clock that all dates go by. */
export default class DbClock extends OnboardCommand<typeof DbClock, Clock> {
  static override result = 'db-clock'
  static override summary = "Show the database's clock; move one that is simulated, forward only."
  static override examples = ['onboard db clock', 'onboard db clock --to 2027-02-15T08:00:00Z']
  static override flags = { to: Flags.string({ description: 'Move the simulated clock to this instant (ISO 8601).', helpValue: 'ISO' }) }

  override async perform(): Promise<Done<Clock>> {
    const database = await this.context.database()
    const { to } = this.flags
    if (to === undefined) return { result: await database.clock() }
    const { moveClock } = await import('../../src/database/clock.ts')
    return { result: { now: await moveClock(database, instant(to)), simulated: true }, next: ['onboard status'] }
  }

  override view({ now, simulated }: Clock, out: Output): void {
    out.line(bold(now), dim(simulated ? ' simulated' : " the server's"))
  }
}

function instant(given: string): string {
  const isInstant = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d)$/.test(given)
  // A date that is none (30 February) moves when it is read.
  const isDay = new Date(`${given.slice(0, 10)}T00:00Z`).toJSON()?.startsWith(given.slice(0, 10)) === true
  if (isInstant && isDay && !Number.isNaN(Date.parse(given))) return given
  throw new OnboardError('usage', 'no-instant', `--to ${given} is no instant with a time zone`, {
    suggestions: ['onboard db clock --to 2027-02-15T08:00:00Z'],
  })
}
