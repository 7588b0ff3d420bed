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
  static override examples = [
    'onboard db clock',
    'onboard db clock --simulate 2026-12-01T08:00:00Z --database-url embedded:trial',
    'onboard db clock --to 2027-02-15T08:00:00Z --database-url embedded:trial',
  ]
  static override flags = {
    to: Flags.string({ description: 'Move the simulated clock to this instant (ISO 8601).', helpValue: 'ISO' }),
    simulate: Flags.string({
      description: 'Fix the clock at this instant, to try things out; only before anybody is onboarded.',
      helpValue: 'ISO', exclusive: ['to'],
    }),
  }

  override async perform(): Promise<Done<Clock>> {
    const database = await this.context.database()
    const { to, simulate } = this.flags
    const { moveClock, simulateClock } = await import('../../src/database/clock.ts')
    if (simulate !== undefined) {
      const now = await simulateClock(database, instant(simulate, '--simulate'))
      this.context.clockMoved(now)
      return { result: { now, simulated: true }, next: ['onboard handoff accept --file FILE'] }
    }
    if (to === undefined) return { result: await database.clock() }
    const now = await moveClock(database, instant(to, '--to'))
    this.context.clockMoved(now)
    return { result: { now, simulated: true }, next: ['onboard status'] }
  }

  override view({ now, simulated }: Clock, out: Output): void {
    out.line(bold(now), dim(simulated ? ' simulated' : " the server's"))
  }
}

function instant(given: string, flag: string): string {
  const isInstant = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d)$/.test(given)
  // A date that is none (30 February) moves when it is read.
  const isDay = new Date(`${given.slice(0, 10)}T00:00Z`).toJSON()?.startsWith(given.slice(0, 10)) === true
  if (isInstant && isDay && !Number.isNaN(Date.parse(given))) return given
  throw new OnboardError('usage', 'no-instant', `${flag} ${given} is no instant with a time zone`, {
    suggestions: ['onboard db clock --to 2027-02-15T08:00:00Z'],
  })
}
