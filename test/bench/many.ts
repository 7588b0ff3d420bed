import { connectSuperuser } from '../../src/database/embedded/databases.ts'
import { embeddedHome } from '../../src/database/embedded/home.ts'
import { guardDatabase, makeDatabase } from '../../src/database/roles.ts'
import { crowd } from './crowd.ts'
import { example } from './example.ts'
import { install } from './install.ts'
import { looked } from './looked.ts'
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
  const [few = 0] = sizes
  await makeDatabase(place.superuser, 'few', name)
  await guardDatabase(place.superuser, 'few')
  const fewer = await connectSuperuser(embeddedHome(process.env), 'few')
  await crowd(fewer, { prefix: 'c', count: few - TOLD }).finally(() => fewer.end())
  const owner = await connectSuperuser(embeddedHome(process.env), name)
  const onboard: Onboard = async (args, { fine = [0], on = database } = {}) => {
    const begun = performance.now()
    const ended = await must(fine, run(place, process.execPath, [bin, ...args], { env: { ONBOARD_DATABASE_URL: on }, cwd: workspace, memory: true }))
    return { ...ended, seconds: (performance.now() - begun) / 1000 }
  }
  const all = async (command: string, size: number, on?: string): Promise<Ran> => {
    // The copies have no documents and no mail, so drift tells of those.
    const ended = await onboard([command, '--json'], { fine: command === 'drift' ? [0, 4] : [0], ...(on === undefined ? {} : { on }) })
    const { onboardings } = JSON.parse(ended.stdout) as { onboardings: unknown[] }
    if (onboardings.length !== size) throw new Error(`${command} told of ${onboardings.length} onboardings, not of ${size}`)
    return ended
  }
  try {
    for (const size of sizes) {
      await crowd(owner, { prefix: 'c', count: size - TOLD })
      const isLast = size === sizes.at(-1)
      lines.push(...(await statuses({ all, onboard, size, isLast, rounds, look: () => looked(owner, { workspace, database }), forget: () => owner.query('TRUNCATE onboard.look') })))
      if (isLast) lines.push(...(await allTasks(onboard, size)))
      lines.push(...(await drifts({ all, size, few, isLast, rounds })))
    }
  } finally {
    await owner.end()
  }
  return { title: `All onboardings of a database (whole processes, packed install, medians of ${rounds})`, lines }
}

interface Measured {
  readonly all: (command: string, size: number, on?: string) => Promise<Ran>
  readonly size: number
  readonly isLast: boolean
  readonly rounds: number
}

/** By what was kept, by whom, and with nothing kept: told is the same. */
async function statuses(
  { all, onboard, size, isLast, rounds, look, forget }: Measured & { readonly onboard: Onboard; readonly look: () => Promise<void>; readonly forget: () => Promise<unknown> },
): Promise<Line[]> {
  await forget()
  const unkept = await all('status', size)
  await forget()
  await look()
  const first = await all('status', size)
  if (first.stdout !== unkept.stdout) throw new Error('what was kept tells something else than a look')
  const again: Ran[] = []
  for (let round = 0; round < rounds; round++) again.push(await all('status', size))
  const seconds = median(again.map((one) => one.seconds))
  const lines: Line[] = [
    { what: `status, ${size} onboardings, nothing kept: another config or version`, figure: `${unkept.seconds.toFixed(1)} s, ${ms((unkept.seconds * 1000) / size)} each, ${unkept.memory.toFixed(0)} MB` },
    { what: `status, ${size} onboardings, the first one, after commands have written to each`, figure: `${first.seconds.toFixed(1)} s` },
    { what: `status, ${size} onboardings, again`, figure: `${seconds.toFixed(1)} s` },
  ]
  if (!isLast) return lines
  const day = await anotherDay(onboard, size)
  return [
    ...lines, limitLine(`status, ${size}: the first one`, first.seconds, 2, 's'), limitLine(`status, ${size}: peak memory`, Math.max(first.memory, unkept.memory, ...again.map(({ memory }) => memory)), 300, 'MB'), ...day,
  ]
}

/** Between two of very many stands one of few, in a database of its own. */
async function drifts({ all, size, few, isLast, rounds }: Measured & { readonly few: number }): Promise<Line[]> {
  const many: Ran[] = []
  const beside: Ran[] = []
  for (let round = 0; round < rounds; round++) {
    if (isLast) beside.push(await all('drift', few, 'embedded:few'))
    many.push(await all('drift', size))
    if (isLast) beside.push(await all('drift', few, 'embedded:few'))
  }
  const each = median(many.map(({ seconds }) => seconds)) / size * 1000
  const lines: Line[] = [{ what: `drift, ${size} onboardings`, figure: `${(each * size / 1000).toFixed(1)} s, ${ms(each)} each` }]
  if (!isLast) return lines
  const ratio = each / (median(beside.map(({ seconds }) => seconds)) / few * 1000)
  return [
    ...lines, limitLine(`drift, ${size}: peak memory`, Math.max(...many.map(({ memory }) => memory)), 300, 'MB'),
    { what: `drift: one of ${size} ÷ one of ${few}, before and after it`, figure: ms(each), ratio, target: `≤ ${LINEAR} ×`, met: ratio <= LINEAR },
  ]
}

type Ran = Ended & { readonly seconds: number }
type Onboard = (args: readonly string[], how?: { readonly fine?: readonly number[]; readonly on?: string }) => Promise<Ran>

/** What was kept of yesterday's look is reckoned anew; of whom a date has come is looked at. */
async function anotherDay(onboard: Onboard, size: number, of = ', on which each has something'): Promise<Line[]> {
  const { clock } = JSON.parse((await onboard(['db', 'clock', '--json'])).stdout) as { clock: { now: string } }
  await onboard(['db', 'clock', '--to', new Date(Date.parse(clock.now) + 86_400_000).toISOString()])
  const { memory, seconds } = await onboard(['status', '--json'])
  return [{ what: `status, ${size} onboardings, the first one of another day${of}`, figure: `${seconds.toFixed(1)} s, ${memory.toFixed(0)} MB` }]
}

/** In a database of its own: those that began on many days, of whom few have something on one day. */
async function onManyDays(place: Place, { bin, workspace, name }: { readonly bin: string; readonly workspace: string; readonly name: string }): Promise<Line[]> {
  await makeDatabase(place.superuser, 'spread', name)
  await guardDatabase(place.superuser, 'spread')
  const owner = await connectSuperuser(embeddedHome(process.env), 'spread')
  await spread(owner, SPREAD).finally(() => owner.end())
  const onboard: Onboard = async (args) => {
    const begun = performance.now()
    const ended = await must([0], run(place, process.execPath, [bin, ...args], { env: { ONBOARD_DATABASE_URL: 'embedded:spread' }, cwd: workspace, memory: true }))
    return { ...ended, seconds: (performance.now() - begun) / 1000 }
  }
  const { stdout, seconds } = await onboard(['status', '--json'])
  const { onboardings } = JSON.parse(stdout) as { onboardings: readonly unknown[] }
  const size = onboardings.length
  const first: Line = { what: `status, ${size} onboardings that began on many days, the first look`, figure: `${seconds.toFixed(1)} s, ${ms((seconds * 1000) / size)} each` }
  return [first, ...(await anotherDay(onboard, size, ', of those'))]
}

/** Tells by what status has kept; of whom nothing is kept that holds, reads the journal. */
async function allTasks(onboard: Onboard, size: number): Promise<Line[]> {
  const { memory, stdout, seconds } = await onboard(['tasks', '--json'])
  const { tasks } = JSON.parse(stdout) as { tasks: readonly { onboarding: string }[] }
  if (new Set(tasks.map(({ onboarding }) => onboarding)).size < size / 2) throw new Error(`tasks told of ${tasks.length} of ${size} onboardings`)
  return [
    { what: `tasks, ${size} onboardings`, figure: `${seconds.toFixed(1)} s, ${ms((seconds * 1000) / size)} each` },
    limitLine(`tasks, ${size}: peak memory`, memory, 300, 'MB'),
  ]
}
