import { connectClient } from '../../src/database/client.ts'
import { apply } from '../../src/engine/apply.ts'
import { pipelined, plainJournal, prepared, unprepared } from './by-hand.ts'
import type { Order } from './by-hand.ts'
import { startDbos } from './dbos.ts'
import { inTurns, line, median } from './measure.ts'
import type { Contender } from './measure.ts'
import type { Place } from './place.ts'
import { limitLine, ms, ratioLine } from './report.ts'
import type { Line, Section } from './report.ts'
import { makeWorld } from './world.ts'

const LENGTHS = [5, 10, 20, 30, 40, 50]
type By = 'engine' | 'hand' | 'plain' | 'prepared' | 'pipelined' | 'dbos' | 'cold engine' | 'cold hand'

/**
 * A durable step in process: what one more step costs (slope), and a run besides its steps (intercept), on connections
 * that are open; and the same with a connection of the run's own, whose server process has everything yet to learn.
 */
export async function benchStep(place: Place, rounds: number): Promise<Section> {
  const world = await makeWorld('bench_step')
  const login = { host: place.socket, port: 5432, user: 'onboard_app', database: 'bench_step' }
  const owner = await world.database.connect('owner')
  await owner.query(`CREATE TABLE public.plain_journal (
      chain uuid, kind text, phase text, step text, instance text, run uuid, entry text, detail jsonb);
    GRANT ALL ON public.plain_journal TO onboard_app`)
  await owner.end()
  const warm = await connectClient(login)
  const dbos = await startDbos(place, warm)
  const contenders = LENGTHS.flatMap((steps): Contender[] => {
    let next: Awaited<ReturnType<typeof world.onboarding>>
    const engine = (by: By, how?: 'warm'): Contender => ({
      name: `${by} ${steps}`,
      before: async () => { next = await world.onboarding(steps, how) },
      run: async () => {
        const { exit } = await apply(next.work)
        if (exit !== 0) throw new Error(`apply ended with ${exit}`)
      },
    })
    const other = (by: By, run: (order: Order) => Promise<void>): Contender => ({
      ...engine(by), run: () => run({ chain: next.id, slug: next.slug, steps }),
    })
    return [
      engine('engine', 'warm'),
      other('hand', (order) => unprepared(warm, order)), other('plain', (order) => plainJournal(warm, order)),
      other('prepared', (order) => prepared(warm, order)), other('pipelined', (order) => pipelined(warm, order)),
      other('dbos', ({ slug }) => dbos.run(slug, steps)),
      engine('cold engine'),
      other('cold hand', async (order) => {
        const client = await connectClient(login)
        await unprepared(client, order)
        await client.end()
      }),
    ]
  })
  const times = await inTurns(contenders, rounds, 2)
  await dbos.close()
  await warm.end()
  await world.close()
  const fit = (by: By) => line(LENGTHS.map((steps) => [steps, median(times.get(`${by} ${steps}`) ?? [])] as const))
  const [engine, hand] = [fit('engine'), fit('hand')]
  const shown = (what: string, by: By): Line => {
    const { slope, intercept } = fit(by)
    return { what, figure: `${ms(slope)} + ${ms(intercept)}`, ratio: engine.slope / slope, against: 'engine ÷ this' }
  }
  return {
    title: `A durable step in process (least squares over ${LENGTHS[0]}–${LENGTHS.at(-1)} steps, medians of ${rounds})`,
    lines: [
      ratioLine('one more step: engine', engine.slope, 'unprepared by hand', hand.slope, 1.5),
      limitLine('a run besides its steps: engine', engine.intercept, 5, 'ms'),
      ratioLine('one more step: engine', engine.slope, 'dbos step', fit('dbos').slope, 3, '≥'),
      shown('by hand, unprepared (step + run)', 'hand'),
      shown('by hand, prepared', 'prepared'),
      shown('by hand, one message a step, decides nothing', 'pipelined'),
      shown('by hand, unprepared, a plain row as journal', 'plain'),
      shown('dbos', 'dbos'),
      shown('engine, a new connection', 'cold engine'),
      shown('by hand, unprepared, a new connection', 'cold hand'),
    ],
  }
}
