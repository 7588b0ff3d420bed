import { connectClient } from '../../src/database/client.ts'
import { apply } from '../../src/engine/apply.ts'
import { checks } from './by-hand.ts'
import { inTurns, median } from './measure.ts'
import type { Place } from './place.ts'
import { ms, ratioLine } from './report.ts'
import type { Section } from './report.ts'
import { makeWorld } from './world.ts'

const STEPS = 50

/** Running a finished onboarding again: nothing to do but to look. */
export async function benchRerun(place: Place, rounds: number): Promise<Section> {
  const world = await makeWorld('bench_rerun')
  const login = { host: place.socket, port: 5432, user: 'onboard_app', database: 'bench_rerun' }
  const { id, slug, work } = await world.onboarding(STEPS)
  await apply(work)
  const order = { chain: id, slug, steps: STEPS }
  const open = await connectClient(login)
  const times = await inTurns([
    { name: 'engine', run: async () => {
      const result = await apply(work)
      if (result.steps.some((step) => step.outcome !== 'unchanged')) throw new Error('a re-run changed something')
    } },
    { name: 'hand', run: async () => {
      const client = await connectClient(login)
      await checks(client, order)
      await client.end()
    } },
    { name: 'open', run: () => checks(open, order) },
  ], rounds, 3)
  await open.end()
  await work.close()
  await world.close()
  const of = (name: string): number => median(times.get(name) ?? [])
  return {
    title: `Running a finished onboarding of ${STEPS} steps again (medians of ${rounds})`,
    lines: [
      ratioLine('engine, connection included', of('engine'), 'its checks by hand, connection included', of('hand'), 2),
      {
        what: 'the checks on a connection that is open', figure: ms(of('open')),
        ratio: of('engine') / of('open'), against: 'engine ÷ this',
      },
    ],
  }
}
