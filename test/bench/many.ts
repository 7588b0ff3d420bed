import { connectSuperuser } from '../../src/database/embedded/databases.ts'
import { embeddedHome } from '../../src/database/embedded/home.ts'
import { guardDatabase, makeDatabase } from '../../src/database/roles.ts'
import { crowd } from './crowd.ts'
import { example } from './example.ts'
import { install } from './install.ts'
import { median } from './measure.ts'
import type { Place } from './place.ts'
import { must, run, type Ended } from './program.ts'
import { spread } from './spread.ts'
import { limitLine, ms } from './report.ts'
import type { Line, Section } from './report.ts'

const SIZES = [1_000, 5_000, 10_000]
/** The customers that the demo has told of; the others are copies. */
const TOLD = 2
/** How much dearer one onboarding may be among the most than among the fewest, and still be called linear. */
const LINEAR = 1.25
/** So many began on many days. */
const SPREAD = 1_000

/** `status`, `drift` and `tasks` over very many onboardings: memory, and what one costs among how many. */
export async function benchMany(place: Place, rounds: number, sizes: readonly number[] = SIZES): Promise<Section> {
  const { bin } = await install(place)
  const { database, workspace } = await example(place, bin)
  const name = database.replace('embedded:', '')
  const lines = await onManyDays(place, { bin, workspace, name })
  const owner = await connectSuperuser(embeddedHome(process.env), name)
  const each = new Map<string, number>()
  const onboard = (args: readonly string[], fine: readonly number[] = [0]) =>
    must(fine, run(place, process.execPath, [bin, ...args], { env: { ONBOARD_DATABASE_URL: database }, cwd: workspace, memory: true }))
  try {
    for (const size of sizes) {
      await crowd(owner, { prefix: 'c', count: size - TOLD })
      for (const command of ['status', 'drift']) {
        const times: number[] = []
        let memory = 0
        // What has changed since the last look of the day is read again: at first that is all.
        if (command === 'status') {
          const begun = performance.now()
          const { memory: peak } = await must([0], run(place, process.execPath, [bin, command, '--json'], { env: { ONBOARD_DATABASE_URL: database }, cwd: workspace, memory: true }))
          memory = peak
          lines.push({ what: `status, ${size} onboardings, the first look`, figure: `${((performance.now() - begun) / 1000).toFixed(1)} s` })
        }
        for (let round = 0; round < rounds; round++) {
          const begun = performance.now()
          // The copies have no documents and no mail, so drift tells of those.
          const ended = await must(command === 'drift' ? [0, 4] : [0], run(place, process.execPath, [bin, command, '--json'], { env: { ONBOARD_DATABASE_URL: database }, cwd: workspace, memory: true }))
          times.push(performance.now() - begun)
          memory = Math.max(memory, ended.memory)
          const { onboardings } = JSON.parse(ended.stdout) as { onboardings: unknown[] }
          if (onboardings.length !== size) throw new Error(`${command} told of ${onboardings.length} onboardings, not of ${size}`)
        }
        const one = median(times) / size
        each.set(`${command} ${size}`, one)
        lines.push({ what: `${command}, ${size} onboardings`, figure: `${(median(times) / 1000).toFixed(1)} s, ${ms(one)} each` })
        if (size === sizes.at(-1)) {
          if (command === 'status') lines.push(limitLine(`status, ${size}`, median(times) / 1000, 2, 's'))
          const ratio = one / (each.get(`${command} ${sizes[0]}`) ?? Number.NaN)
          lines.push(limitLine(`${command}, ${size}: peak memory`, memory, 300, 'MB'))
          if (command === 'status') lines.push(...(await anotherDay(onboard, size)), ...(await allTasks(onboard, size)))
          lines.push({ what: `${command}: one of ${size} ÷ one of ${sizes[0]}`, figure: ms(one), ratio, target: `≤ ${LINEAR} ×`, met: ratio <= LINEAR })
        }
      }
    }
  } finally {
    await owner.end()
  }
  return { title: `All onboardings of a database (whole processes, packed install, medians of ${rounds})`, lines }
}

type Onboard = (args: readonly string[], fine?: readonly number[]) => Promise<Ended>

/** What was kept of yesterday's look is reckoned anew; of whom a date has come is looked at. */
async function anotherDay(onboard: Onboard, size: number, of = ', on which each has something'): Promise<Line[]> {
  const { clock } = JSON.parse((await onboard(['db', 'clock', '--json'])).stdout) as { clock: { now: string } }
  await onboard(['db', 'clock', '--to', new Date(Date.parse(clock.now) + 86_400_000).toISOString()])
  const begun = performance.now()
  const { memory } = await onboard(['status', '--json'])
  const seconds = (performance.now() - begun) / 1000
  return [{ what: `status, ${size} onboardings, the first look of another day${of}`, figure: `${seconds.toFixed(1)} s, ${memory.toFixed(0)} MB` }]
}

/** In a database of its own: those that began on many days, of whom few have something on one day. */
async function onManyDays(place: Place, { bin, workspace, name }: { readonly bin: string; readonly workspace: string; readonly name: string }): Promise<Line[]> {
  await makeDatabase(place.superuser, 'spread', name)
  await guardDatabase(place.superuser, 'spread')
  const owner = await connectSuperuser(embeddedHome(process.env), 'spread')
  await spread(owner, SPREAD).finally(() => owner.end())
  const onboard: Onboard = (args) => must([0], run(place, process.execPath, [bin, ...args], { env: { ONBOARD_DATABASE_URL: 'embedded:spread' }, cwd: workspace, memory: true }))
  const begun = performance.now()
  const { stdout } = await onboard(['status', '--json'])
  const seconds = (performance.now() - begun) / 1000
  const { onboardings } = JSON.parse(stdout) as { onboardings: readonly unknown[] }
  const size = onboardings.length
  const first: Line = { what: `status, ${size} onboardings that began on many days, the first look`, figure: `${seconds.toFixed(1)} s, ${ms((seconds * 1000) / size)} each` }
  return [first, ...(await anotherDay(onboard, size, ', of those'))]
}

/** Tells by what status has kept; of whom nothing is kept that holds, reads the journal. */
async function allTasks(onboard: Onboard, size: number): Promise<Line[]> {
  const begun = performance.now()
  const { memory, stdout } = await onboard(['tasks', '--json'])
  const seconds = (performance.now() - begun) / 1000
  const { tasks } = JSON.parse(stdout) as { tasks: readonly { onboarding: string }[] }
  if (new Set(tasks.map(({ onboarding }) => onboarding)).size < size / 2) throw new Error(`tasks told of ${tasks.length} of ${size} onboardings`)
  return [
    { what: `tasks, ${size} onboardings`, figure: `${seconds.toFixed(1)} s, ${ms((seconds * 1000) / size)} each` },
    limitLine(`tasks, ${size}: peak memory`, memory, 300, 'MB'),
  ]
}
